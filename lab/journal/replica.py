"""The rooms that a journal's entries make, and the snapshots from which they begin again."""

from __future__ import annotations

__pure__ = True

from collections.abc import Iterable

import msgspec

from lab.chat.commands import Command
from lab.chat.effects import Effect, Member
from lab.chat.events import LoggedEvent
from lab.chat.limits import Limits
from lab.chat.log import KeptEvent, MemoryLog
from lab.chat.rooms import Rooms
from lab.chat.state import State
from lab.journal.entries import Done, Entry


class Snapshot(msgspec.Struct, frozen=True):
    """The rooms, and how their logs differ from those of the snapshot before.

    Apply the differences in this order: `forgotten` rooms lose their whole log, `appended` events
    are added, and each room of `oldest` loses the events with a smaller `seq`.
    """

    state: State
    forgotten: list[str]
    appended: list[KeptEvent]
    oldest: dict[str, int]


def deciding(limits: Limits) -> Limits:
    """The limits on which the state of the rooms depends. Those of a connection are the default."""
    usual = Limits()
    return msgspec.structs.replace(
        limits,
        commands_per_s=None,
        command_burst=usual.command_burst,
        queue_bytes=usual.queue_bytes,
        frame_bytes=usual.frame_bytes,
    )


class ChangedLog(MemoryLog):
    """A log that knows what has changed since the last snapshot."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self.unsaved: dict[str, int] = {}
        """The rooms with new events -> the `seq` before the first of these."""
        self.forgotten: dict[str, None] = {}

    def append(self, event: LoggedEvent, key: str | None = None) -> None:
        """See `RoomLog`."""
        self.unsaved.setdefault(event.room, event.seq - 1)
        super().append(event, key)

    def forget(self, room: str) -> None:
        """See `RoomLog`."""
        self.unsaved.pop(room, None)
        self.forgotten[room] = None
        super().forget(room)


class Replica:
    """Rooms that change by a journal's entries and by nothing else."""

    def __init__(self, limits: Limits, life: str) -> None:
        limits = deciding(limits)
        self._log = ChangedLog(limits)
        self.rooms = Rooms(limits, self._log, life)

    def restore(self, state: State, kept: Iterable[KeptEvent]) -> None:
        """Begin with a snapshot: its state, and what the logs hold, in order of room and `seq`."""
        self.rooms.restore(state)
        for event in kept:
            self._log.restore(event)

    def apply(self, entry: Entry) -> list[Effect]:
        """Carry out one entry."""
        member = Member(entry.member)
        if isinstance(entry, Done):
            return self.rooms.apply(member, entry.command, entry.at_ms)
        return self.rooms.gone(member, entry.why)

    def ask(self, member: Member, command: Command) -> list[Effect]:
        """Carry out a command that changes no room, so that no journal needs it."""
        return self.rooms.apply(member, command, 0)

    def snapshot(self) -> Snapshot:
        """What a journal has to save so that it needs no entry of before."""
        log, unsaved = self._log, self._log.unsaved
        appended = [event for room, seq in unsaved.items() for event in log.kept(room, seq)]
        oldest = {room: log.oldest(room) for room in unsaved}
        return Snapshot(self.rooms.state(), list(log.forgotten), appended, oldest)

    def saved(self) -> None:
        """The last snapshot is saved, and nothing was applied since."""
        self._log.unsaved.clear()
        self._log.forgotten.clear()

    def kept(self) -> list[KeptEvent]:
        """All that the logs hold, in order of room and `seq`."""
        names = sorted(room.name for room in self.rooms.state().rooms)
        return [event for name in names for event in self._log.kept(name, 0)]

    def members(self) -> list[Member]:
        """All members that are in a room."""
        return [Member(member) for member, _ in self.rooms.state().inside]
