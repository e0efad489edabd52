"""Read the lines of JSON that the transport `http-stream` has in its bodies, up and down.

A line is an object of the chat, or an array: a packet's type and its data. Its end is framing.
"""

from __future__ import annotations

import re

from lab.decode.chat_json import printable, read_said, undecodable
from lab.decode.fallbacks.packets import CARRIERS, TYPES
from lab.decode.tree import EarlyPacket, Node, Segment
from lab.decode.view import Content, View

MESSAGE = "json"
"""The type of the packet that an object is."""

_array = re.compile(rb"\[([0-8])(?:,(.*))?\]", re.DOTALL)


def read_lines(view: View, start: int, end: int) -> Content:
    """What the lines of a POST carry."""
    segments: list[Segment] = []
    nodes: list[Node] = []
    while start < end:
        stop = view.text.find(b"\n", start, end)
        if stop < 0:
            nodes.append(undecodable(view, start, end, "a line has no end"))
            break
        nodes.append(_node(view, start, stop))
        segments += view.own(stop, stop + 1, "framing", "envelope")
        start = stop + 1
    return Content(tuple(segments), tuple(nodes))


def read_line(view: View, start: int, end: int) -> Content:
    """What one line carries, without its end."""
    return Content((), (_node(view, start, end),))


def _node(view: View, start: int, end: int) -> Node:
    name, begin, stop = MESSAGE, start, end
    if not view.text.startswith(b"{", start, end):
        match = _array.fullmatch(view.text, start, end)
        if match is None:
            return undecodable(view, start, end, "a line is an object, or [type] or [type,data]")
        name = TYPES[int(match[1])]
        begin, stop = match.span(2) if match[2] is not None else (end, end)
    inner: tuple[Node, ...] = ()
    if name in CARRIERS and begin < stop:
        inner = (read_said(view, begin, stop, "envelope", name),)
    own = [(start, begin), (stop, end)] if inner else [(start, end)]
    data = "" if inner else printable(view.text[begin:stop].decode(errors="replace"))
    return EarlyPacket(
        **view.place(start, end),
        name=name,
        data=data or None,
        summary=f"{name} {data}".rstrip(),
        segments=tuple(
            segment for place in own for segment in view.own(*place, "framing", "envelope")
        ),
        children=inner,
    )
