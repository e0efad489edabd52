"""The log of each room, for `history`, resume and the idempotent `key`."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple, Protocol

import msgspec

from lab.chat import events
from lab.chat.events import LoggedEvent, Message
from lab.chat.limits import Limits

ENTRY_BYTES = 256
"""The memory of one event besides its JSON and its key: the objects that hold them."""


class Replay(NamedTuple):
    """The events after a given `seq`. `truncated`: the log no longer has all of them."""

    events: tuple[LoggedEvent, ...]
    truncated: bool


class KeptEvent(NamedTuple):
    """One event as the log keeps it: its JSON, and its key with the name before it."""

    room: str
    seq: int
    json: bytes
    key: bytes | None


class RoomLog(Protocol):
    """The logs of all rooms. A key is known exactly as long as its message is in the log."""

    def append(self, event: LoggedEvent, key: str | None = None) -> None:
        """Append the next event of its room. `event.seq` is `last_seq` + 1."""

    def last_seq(self, room: str) -> int:
        """The newest `seq` of `room`; 0 for an unknown room."""

    def since(self, room: str, after: int) -> Replay:
        """The events with `seq` > `after`, in order."""

    def page(self, room: str, before: int | None, limit: int) -> list[LoggedEvent]:
        """The newest `limit` events with `seq` < `before`, in order."""

    def keyed(self, room: str, name: str, key: str) -> Message | None:
        """The message that `name` posted under `key`."""

    def forget(self, room: str) -> None:
        """Drop the log of `room`."""


class MemoryLog:
    """A `RoomLog` in memory: the newest events of each room, bounded by count and bytes."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._rooms: dict[str, _Tail] = {}

    def append(self, event: LoggedEvent, key: str | None = None) -> None:
        """See `RoomLog`."""
        if (tail := self._rooms.get(event.room)) is None:
            tail = self._rooms[event.room] = _Tail()
        tail.push(event, key)
        self._trim(tail)

    def _trim(self, tail: _Tail) -> None:
        while tail.bytes > self._limits.log_bytes or len(tail.entries) > self._limits.log_events:
            tail.drop_oldest()

    def last_seq(self, room: str) -> int:
        """See `RoomLog`."""
        tail = self._rooms.get(room)
        return tail.last_seq if tail else 0

    def since(self, room: str, after: int) -> Replay:
        """See `RoomLog`."""
        tail = self._rooms.get(room, _Tail())
        skipped = tail.place(after + 1)
        missed = tuple(_read(islice(tail.entries, skipped, None)))
        return Replay(missed, truncated=after + 1 < tail.oldest)

    def page(self, room: str, before: int | None, limit: int) -> list[LoggedEvent]:
        """See `RoomLog`."""
        tail = self._rooms.get(room, _Tail())
        end = len(tail.entries) if before is None else tail.place(before)
        return list(_read(islice(tail.entries, max(0, end - limit), end)))

    def keyed(self, room: str, name: str, key: str) -> Message | None:
        """See `RoomLog`."""
        tail = self._rooms.get(room, _Tail())
        seq = tail.keys.get(_key_of(name, key))
        if seq is None:
            return None
        (message,) = _read([tail.entries[tail.place(seq)]])
        assert isinstance(message, Message)
        return message

    def forget(self, room: str) -> None:
        """See `RoomLog`."""
        self._rooms.pop(room, None)

    def kept(self, room: str, after: int) -> list[KeptEvent]:
        """The events with `seq` > `after`, as the log keeps them. `restore` takes them back."""
        tail = self._rooms[room]
        start = tail.place(after + 1)
        entries = enumerate(islice(tail.entries, start, None), tail.oldest + start)
        return [KeptEvent(room, seq, entry.json, entry.key) for seq, entry in entries]

    def oldest(self, room: str) -> int:
        """The `seq` of the first event that the log still has."""
        return self._rooms[room].oldest

    def restore(self, event: KeptEvent) -> None:
        """Take back the next event of a room, or its first one."""
        tail = self._rooms.setdefault(event.room, _Tail())
        tail.keep(_Entry(event.json, event.key), event.seq)
        self._trim(tail)


class _Entry(msgspec.Struct, gc=False):
    """One event as JSON. A `str` with an emoji would need four bytes or more for each character."""

    json: bytes
    key: bytes | None

    @property
    def bytes(self) -> int:
        """How many bytes of memory it counts for."""
        return ENTRY_BYTES + len(self.json) + len(self.key or b"")


class _Tail:
    """The newest events of one room."""

    def __init__(self) -> None:
        self.entries: deque[_Entry] = deque()
        self.keys: dict[bytes, int] = {}
        self.bytes = 0
        self.last_seq = 0

    @property
    def oldest(self) -> int:
        """The `seq` of the first entry."""
        return self.last_seq - len(self.entries) + 1

    def place(self, seq: int) -> int:
        """The index of the event with this `seq`, or the index that it would have."""
        return max(0, min(seq - self.oldest, len(self.entries)))

    def push(self, event: LoggedEvent, key: str | None) -> None:
        whose = _key_of(event.name, key) if key is not None else None
        # A copy, because msgspec's result keeps its write buffer, which may be half as long again.
        self.keep(_Entry(bytes(memoryview(events.encode(event))), whose), event.seq)

    def keep(self, entry: _Entry, seq: int) -> None:
        self.entries.append(entry)
        self.bytes += entry.bytes
        self.last_seq = seq
        if entry.key is not None:
            self.keys[entry.key] = seq

    def drop_oldest(self) -> None:
        entry = self.entries.popleft()
        self.bytes -= entry.bytes
        if entry.key is not None:
            del self.keys[entry.key]


_decoder: msgspec.json.Decoder[LoggedEvent] = msgspec.json.Decoder(LoggedEvent)


def _read(entries: Iterable[_Entry]) -> Iterable[LoggedEvent]:
    return (_decoder.decode(entry.json) for entry in entries)


def _key_of(name: str, key: str) -> bytes:
    # A name has no line feed, so the first one separates the name from the key.
    return f"{name}\n{key}".encode(errors="surrogatepass")
