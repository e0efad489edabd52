"""What was found on a line as a page shows it: a line of text, its meaning, its bytes. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from lab.page.protocol import Kind, Record, Row
from lab.wire.live import Found
from lab.wire.show import cleared, lines_of
from lab.wire.tape import LineEvent
from lab.wire.tree import (
    ChatCommand,
    ChatEvent,
    Frame,
    HttpRequest,
    HttpResponse,
    Node,
    StreamPart,
    segments_of,
)
from lab.wire.words import printable, read_json

LINES_EACH = 64
"""Lines of 16 bytes that each part of a record is shown with."""
MEANINGS_MAX = 20
TEXT_CHARS = 120

KINDS: dict[type[Node], Kind] = {
    HttpRequest: "request",
    HttpResponse: "response",
    StreamPart: "part",
    Frame: "frame",
}
ENDS = {"up": "the browser", "down": "the server", None: ""}


class Kept(NamedTuple):
    """A node with its own bytes; `base` is where in the connection's stream they begin.

    The node's offsets count from `before` bytes ahead of them.
    """

    node: Node
    base: int
    before: int
    data: bytes

    @classmethod
    def of(cls, found: Found) -> Kept:
        """Of what was found, only the bytes that the node owns."""
        segments = segments_of((found.node,))
        start = segments[0].start if segments else found.node.start
        end = max((segment.end for segment in segments), default=start)
        return cls(found.node, found.base + start, start, found.data[start:end])


def record_of(what: Found | LineEvent, number: int, opened_ns: int, ended: bool) -> Record:
    """A record of a node, or of what happened to a connection; `ended`: that it was the end."""
    if isinstance(what, LineEvent):
        return _event(what, number, opened_ns, ended)
    node = what.node
    return Record(
        n=number,
        at_ms=_ms(node.first_ns, opened_ns),
        connection=what.connection,
        direction=node.direction,
        kind=KINDS.get(type(node), "undecoded"),
        title=node.summary,
        bytes=sum(segment.end - segment.start for segment in segments_of((node,))),
        meaning=_meanings(what),
        exchange=getattr(node, "exchange", None),
    )


def rows_of(kept: Kept) -> list[Row]:
    """The bytes of a record, 16 to a row, with what they mean."""
    # As if what is ahead of them were there: the node's offsets are right then.
    data = bytes(kept.before) + kept.data
    clear = cleared(data, (kept.node,))
    return [
        Row(line.offset - kept.before + kept.base, line.data.hex(" "), line.text, line.meaning)
        for line in lines_of(kept.node, data, clear, LINES_EACH)
    ]


def _event(event: LineEvent, number: int, opened_ns: int, ended: bool) -> Record:
    kind: Kind = "closed" if ended else "opened" if event.kind == "opened" else "fin"
    titles = {
        "opened": "TCP connection opened",
        "closed": f"TCP connection closed{_why(event)}",
        "fin": f"FIN: {ENDS[event.direction]} sends nothing more",
    }
    return Record(
        n=number,
        at_ms=_ms(event.at_ns, opened_ns),
        connection=event.connection,
        direction=event.direction or "none",
        kind=kind,
        title=titles[kind],
        bytes=0,
        meaning=[],
        exchange=None,
    )


def _why(event: LineEvent) -> str:
    if event.kind == "reset":
        return f": reset by {ENDS[event.direction]}"
    if event.kind == "cut":
        return f": cut here ({event.detail.upper()})"
    return f": no server ({event.detail})" if event.kind == "refused" else ""


def _meanings(found: Found) -> list[str]:
    """A line for each packet, command or event inside, from the outermost on."""
    lines = [_line(path, found) for path in _paths(found.node.children, ())]
    if len(lines) <= MEANINGS_MAX:
        return lines
    return [*lines[:MEANINGS_MAX], f"… and {len(lines) - MEANINGS_MAX} more"]


def _paths(nodes: tuple[Node, ...], above: tuple[Node, ...]) -> Iterator[tuple[Node, ...]]:
    for node in nodes:
        if node.children:
            yield from _paths(node.children, (*above, node))
        else:
            yield (*above, node)


def _line(path: tuple[Node, ...], found: Found) -> str:
    words = [node.summary for node in path]
    if isinstance(path[-1], ChatCommand | ChatEvent):
        words[-1] += _said(path[-1], found)
    return ", ".join(words)


def _said(node: Node, found: Found) -> str:
    """Room and text of a command or event, where they can be read in the clear."""
    if node.whole or not node.segments:
        return ""
    clear = cleared(found.data, (found.node,))
    own = (segment for segment in node.segments if segment.layer != "escape")
    _, value = read_json(b"".join(clear[segment.start : segment.end] for segment in own))
    fields = value if isinstance(value, dict) else next(iter(_objects(value)), {})
    said = [str(fields[key]) for key in ("name", "text", "code") if key in fields]
    room = f" → {fields['room']}" if "room" in fields else ""
    return printable(f"{room}{': ' if said else ''}{', '.join(said)}", TEXT_CHARS)


def _objects(value: object) -> list[dict[str, object]]:
    """The objects in the array of a Socket.IO event."""
    listed = value if isinstance(value, list) else []
    return [each for each in listed if isinstance(each, dict)]


def _ms(at_ns: int, opened_ns: int) -> float:
    return round((at_ns - opened_ns) / 1e6, 3)
