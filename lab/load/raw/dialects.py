"""The texts of the room's commands and events in each family of protocols.

A dialect knows only the texts, not how they travel (frames, HTTP bodies). A text is bytes, and in
msgpack it is no text to a WebSocket.
"""

from __future__ import annotations

__pure__ = True

from typing import Any, Protocol

import msgspec

from lab.chat import commands, events
from lab.chat.commands import Join, Say
from lab.chat.events import Event, Reply


class Dialect(Protocol):
    """The texts of one family."""

    mark: bytes
    """The beginning of every delivery's text, and of no other text."""
    is_binary: bool
    """Whether commands and events are binary messages. Heartbeats and their answers are texts."""
    greeting: bytes | None
    """What a client sends first; None if the transport needs no greeting."""

    def join(self, room: str, name: str) -> bytes:
        """The command that enters a room."""

    def say(self, number: int, room: str, text: str) -> bytes:
        """The command that posts a text."""

    def is_welcome(self, text: bytes) -> bool:
        """Whether this text answers the greeting."""

    def reply(self, text: bytes) -> Reply | None:
        """The reply in this text; None if it holds something else."""

    def answer(self, text: bytes) -> bytes | None:
        """The answer to a heartbeat in this text; None if no answer is due."""

    def decode(self, text: bytes) -> Event:
        """The room event in this text."""


class Native:
    """One JSON text is one command or event (docs/room.md)."""

    mark = b'{"type":"message",'
    is_binary = False
    greeting: bytes | None = None

    def join(self, room: str, name: str) -> bytes:
        return commands.encode(Join(0, room, name))

    def say(self, number: int, room: str, text: str) -> bytes:
        return commands.encode(Say(number, room, text))

    def is_welcome(self, text: bytes) -> bool:
        return False

    def reply(self, text: bytes) -> Reply | None:
        event = events.decode(text)
        return event if isinstance(event, events.REPLIES) else None

    def answer(self, text: bytes) -> bytes | None:
        return None

    def decode(self, text: bytes) -> Event:
        return events.decode(text)


class Socketio:
    """Engine.IO protocol 4 with Socket.IO protocol 5 in it: packet types, then JSON."""

    mark = b'42["message",'
    is_binary = False
    greeting: bytes | None = b"40"

    def join(self, room: str, name: str) -> bytes:
        return self._event(0, Join(0, room, name))

    def say(self, number: int, room: str, text: str) -> bytes:
        return self._event(number, Say(number, room, text))

    def is_welcome(self, text: bytes) -> bool:
        return text.startswith(b"40")

    def reply(self, text: bytes) -> Reply | None:
        if not text.startswith(b"43"):
            return None
        number, payload = text[2:].split(b"[", 1)
        return events.reply_from_payload(msgspec.json.decode(b"[" + payload)[0], int(number))

    def answer(self, text: bytes) -> bytes | None:
        return b"3" if text == b"2" else None

    def decode(self, text: bytes) -> Event:
        name, payload = msgspec.json.decode(text.removeprefix(b"42"))
        return events.from_payload(name, payload)

    def _event(self, ack: int, command: commands.Command) -> bytes:
        payload = [commands.name_of(command), commands.to_payload(command)]
        return b"42%d%s" % (ack, msgspec.json.encode(payload))


class SocketioMsgpack:
    """The same packets as npm's `socket.io-msgpack-parser` writes them: maps in msgpack."""

    mark = b"\x83\xa4type\x02\xa4data\x92\xa7message"
    is_binary = True
    greeting: bytes | None = msgspec.msgpack.encode({"type": 0, "nsp": "/"})

    def join(self, room: str, name: str) -> bytes:
        return self._event(0, Join(0, room, name))

    def say(self, number: int, room: str, text: str) -> bytes:
        return self._event(number, Say(number, room, text))

    def is_welcome(self, text: bytes) -> bool:
        return _packet(text).get("type") == 0

    def reply(self, text: bytes) -> Reply | None:
        packet = _packet(text)
        if packet.get("type") != 3:
            return None
        return events.reply_from_payload(packet["data"][0], packet["id"])

    def answer(self, text: bytes) -> bytes | None:
        return b"3" if text == b"2" else None

    def decode(self, text: bytes) -> Event:
        name, payload = _packet(text)["data"]
        return events.from_payload(name, payload)

    def _event(self, ack: int, command: commands.Command) -> bytes:
        data = [commands.name_of(command), commands.to_payload(command)]
        return msgspec.msgpack.encode({"type": 2, "data": data, "id": ack, "nsp": "/"})


def _packet(text: bytes) -> dict[str, Any]:
    """The map of a packet; empty for a text of Engine.IO, such as the one that opens a session."""
    if text[:1].isdigit():
        return {}
    found: dict[str, Any] = msgspec.msgpack.decode(text)
    return found
