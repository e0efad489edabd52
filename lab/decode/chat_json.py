"""Read the chat's JSON, as native transports and as Socket.IO carry it, and any other text."""

from __future__ import annotations

from typing import Any

import msgspec

from lab.decode.tree import ChatCommand, ChatEvent, Layer, Node, Text, Undecodable
from lab.decode.view import Content, View


def read_plain(view: View, layer: Layer, what: str) -> Content:
    """A body or message with no protocol inside but, perhaps, the chat's own `{"type": ...}`."""
    return Content((), (read_said(view, 0, len(view.text), layer, what),))


def read_said(view: View, start: int, end: int, layer: Layer, what: str) -> Node:
    """The chat's own `{"type": ...}` from `start` to `end`, or whatever `what` else it is."""
    valid, value = read_json(view.text[start:end])
    if valid and isinstance(value, dict) and isinstance(value.get("type"), str):
        key = value.get("id")
        # Not bool, which JSON's true becomes and Python takes for a number.
        number = key if type(key) is int else None
        reply = view.stream.direction == "down" and (
            number is not None or value["type"] == "refused"
        )
        return _chat(view, start, end, value["type"], number, reply=reply)
    segments = view.own(start, end, "payload", layer)
    summary = f"{what}, {end - start} B"
    return Text(**view.place(start, end), summary=summary, segments=segments)


def read_array(
    view: View, start: int, end: int, packet: str, ack_id: int | None, value: Any
) -> Node:
    """The JSON array of an event, `["say", {...}]`, or of an ack, `[{"type": "said", ...}]`."""
    if not isinstance(value, list):
        return undecodable(
            view, start, end, f"the data of a Socket.IO {packet} is not a JSON array"
        )
    if packet in ("ack", "binary_ack"):
        first = value[0] if value and isinstance(value[0], dict) else {}
        return _chat(view, start, end, str(first.get("type", "reply")), ack_id, reply=True)
    if not value or not isinstance(value[0], str):
        return undecodable(view, start, end, "the first item of a Socket.IO event is not its name")
    return _chat(view, start, end, value[0], ack_id, reply=False)


def _chat(view: View, start: int, end: int, name: str, key: int | None, *, reply: bool) -> Node:
    where = view.place(start, end)
    segments = view.own(start, end, "payload", "chat")
    summary = printable(name if key is None else f"{name} #{key}")
    if view.stream.direction == "up" and not reply:
        return ChatCommand(**where, name=name, id=key, summary=summary, segments=segments)
    return ChatEvent(**where, name=name, reply=reply, id=key, summary=summary, segments=segments)


def undecodable(view: View, start: int, end: int, reason: str) -> Undecodable:
    """Text that could not be read, and why."""
    return Undecodable(
        **view.place(start, end),
        reason=reason,
        summary=f"undecodable: {reason}",
        segments=view.own(start, end, "undecodable", "unknown"),
    )


def printable(text: str, limit: int = 96) -> str:
    """One line of printable characters."""
    line = "".join(char if char.isprintable() else "." for char in text)
    return line if len(line) <= limit else line[: limit - 1] + "…"


def read_json(data: bytes) -> tuple[bool, Any]:
    """Whether it is JSON, and what it says."""
    try:
        return True, msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False, None
