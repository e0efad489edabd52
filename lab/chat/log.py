"""What a room remembers, for `history`, resume and the idempotent `key`."""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import NamedTuple, Protocol

from lab.chat import events
from lab.chat.events import LoggedEvent, Message
from lab.chat.limits import Limits


class Replay(NamedTuple):
    """The events after a given `seq`; `truncated` where the log no longer reaches that far."""

    events: tuple[LoggedEvent, ...]
    truncated: bool


class RoomLog(Protocol):
    """The memory of all rooms. A key is known exactly as long as its message is in the log."""

    def append(self, event: LoggedEvent, key: str | None = None) -> None:
        """Remember the next event of its room; `event.seq` is `last_seq` + 1."""

    def last_seq(self, room: str) -> int:
        """The newest `seq` of `room`; 0 for a room never heard of."""

    def since(self, room: str, after: int) -> Replay:
        """Everything with `seq` > `after`, in order."""

    def page(self, room: str, before: int | None, limit: int) -> list[LoggedEvent]:
        """The newest `limit` events with `seq` < `before`, in order."""

    def keyed(self, room: str, name: str, key: str) -> Message | None:
        """The message that `name` posted under `key`."""

    def forget(self, room: str) -> None:
        """Drop everything about `room`."""


class MemoryLog:
    """A bounded `RoomLog` in memory: the newest events of each room, by count and by bytes."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._rooms: dict[str, _Tail] = {}

    def append(self, event: LoggedEvent, key: str | None = None) -> None:
        """See `RoomLog`."""
        tail = self._rooms.setdefault(event.room, _Tail())
        tail.push(event, key)
        while tail.bytes > self._limits.log_bytes or len(tail.entries) > self._limits.log_events:
            tail.drop_oldest()

    def last_seq(self, room: str) -> int:
        """See `RoomLog`."""
        tail = self._rooms.get(room)
        return tail.last_seq if tail else 0

    def since(self, room: str, after: int) -> Replay:
        """See `RoomLog`."""
        tail = self._rooms.get(room, _Tail())
        oldest = tail.last_seq - len(tail.entries) + 1
        skipped = max(0, min(after + 1 - oldest, len(tail.entries)))
        missed = tuple(entry.event for entry in islice(tail.entries, skipped, None))
        return Replay(missed, truncated=after + 1 < oldest)

    def page(self, room: str, before: int | None, limit: int) -> list[LoggedEvent]:
        """See `RoomLog`."""
        tail = self._rooms.get(room, _Tail())
        oldest = tail.last_seq - len(tail.entries) + 1
        end = (
            len(tail.entries) if before is None else max(0, min(before - oldest, len(tail.entries)))
        )
        return [entry.event for entry in islice(tail.entries, max(0, end - limit), end)]

    def keyed(self, room: str, name: str, key: str) -> Message | None:
        """See `RoomLog`."""
        tail = self._rooms.get(room)
        return tail.keys.get((name, key)) if tail else None

    def forget(self, room: str) -> None:
        """See `RoomLog`."""
        self._rooms.pop(room, None)


class _Entry(NamedTuple):
    event: LoggedEvent
    key: str | None
    bytes: int


class _Tail:
    """The newest events of one room."""

    def __init__(self) -> None:
        self.entries: deque[_Entry] = deque()
        self.keys: dict[tuple[str, str], Message] = {}
        self.bytes = 0
        self.last_seq = 0

    def push(self, event: LoggedEvent, key: str | None) -> None:
        entry = _Entry(event, key, len(events.encode(event)))
        self.entries.append(entry)
        self.bytes += entry.bytes
        self.last_seq = event.seq
        if key is not None and isinstance(event, Message):
            self.keys[event.name, key] = event

    def drop_oldest(self) -> None:
        event, key, size = self.entries.popleft()
        self.bytes -= size
        if key is not None:
            del self.keys[event.name, key]
