"""The texts of a scenario's messages: how they are written, and how the target's are read."""

from __future__ import annotations

__pure__ = True

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from lab.scenario import Connect, Message
from lab.scenario.placeholders import Template, Values, json_template

EVENT, ACK, CONNECT, DISCONNECT, CONNECT_ERROR = b"42", b"43", b"40", b"41", b"44"
"""Engine.IO `message`, and in it the packet types of Socket.IO protocol 5."""

_SOCKET_IO = re.compile(rb"4([0-6])(?:\d+-)?(?:(/[^,\[{]*),)?(\d{1,18})?(.*)", re.DOTALL)


class Heard(NamedTuple):
    """A message of the target. `event`: its name; `ack`: which event it acknowledges.

    `content`: the arguments of an event, or the JSON value of a text; None: it is no JSON.
    """

    text: bytes
    event: str | None = None
    ack: int | None = None
    content: Any = None


class Outgoing:
    """A message of a scenario, ready to be filled in.

    `acked`: it asks for an acknowledgement. `texts` makes a text of a size.
    """

    def __init__(
        self, message: Message, connect: Connect, texts: Callable[[int], bytes], *, acked: bool
    ) -> None:
        self._acked = acked
        self._before = EVENT + namespace_prefix(connect) if message.event is not None else b""
        if message.event is not None:
            source = json_template([message.event, *message.args])
        elif message.text is not None:
            source = message.text.encode()
        else:
            source = json_template(message.json)
        self._template = Template(source, texts)

    @property
    def beginning(self) -> bytes:
        """What every such text begins with, the acknowledgement's number left out."""
        return self._before + self._template.beginning

    def render(self, values: Values, ack: bytes = b"") -> bytes:
        """The text with these values, and with this number for its acknowledgement."""
        return self._before + (ack if self._acked else b"") + self._template.render(values)


def namespace_prefix(connect: Connect) -> bytes:
    """What a Socket.IO packet has between its type and its data: nothing in the main namespace."""
    return b"" if connect.namespace == "/" else f"{connect.namespace},".encode()


def read_socket_io(text: bytes, namespace: str) -> Heard | None:
    """An event or an acknowledgement of this namespace; None for any other packet.

    A binary one has placeholders where its attachments belong.
    """
    found = _SOCKET_IO.fullmatch(text)
    if found is None or (found[2] or b"/").partition(b"?")[0].decode() != namespace:
        return None
    kind, ack = found[1], int(found[3]) if found[3] else None
    content = read_json(found[4])
    if not isinstance(content, list):
        return None
    if kind in b"25" and content:
        return Heard(text, event=str(content[0]), content=content[1:])
    return Heard(text, ack=ack, content=content) if kind in b"36" and ack is not None else None


def read_text(text: bytes) -> Heard:
    """A native message, decoded where it is JSON."""
    return Heard(text, content=read_json(text))


def read_json(text: bytes) -> Any:
    """The value in this JSON; None where it is none."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
