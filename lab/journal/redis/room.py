"""One room as a node makes it from the numbered entries of the room's stream.

A room has a state machine of its own here: `Rooms` with this one room. How many rooms there are,
and in how many a connection is, is decided elsewhere: see `scripts` and `lab.service.joined`.
"""

from __future__ import annotations

__pure__ = True

from typing import NamedTuple

import msgspec

from lab.chat.commands import Command
from lab.chat.effects import Broadcast, Effect, Member
from lab.chat.limits import Limits
from lab.chat.log import KeptEvent
from lab.chat.state import RoomState, State
from lab.journal import entries
from lab.journal.contract import JournalError
from lab.journal.entries import Entry
from lab.journal.replica import Replica

LONGEST = 1000
"""The most entries between two snapshots of a room."""
LONGEST_BYTES = 4 << 20

RoomSnapshot = tuple[State, list[KeptEvent]]
_decoder = msgspec.msgpack.Decoder(RoomSnapshot)


class Stored(NamedTuple):
    """An entry as the stream has it.

    `number`: its place in the room's order, from 1. `origin`: the start of the node that appended
    it. `token`: by which that node knows its own entry.
    """

    number: int
    origin: int
    token: int
    data: bytes


class RoomReplica:
    """One life of a room."""

    def __init__(self, name: str, epoch: str, limits: Limits) -> None:
        self.name, self.epoch = name, epoch
        self.number = 0
        """That of the last entry that was applied."""
        self.is_due = False
        """Whether the last entry was the one after which a snapshot is due."""
        self.noops = 0
        """How many entries have changed nothing: each of the others has taken one `seq`."""
        self._since = self._since_bytes = 0
        self._replica = Replica(limits, epoch)
        self._replica.restore(State(0, [RoomState(name, epoch, 0, [])], [name], []), [])

    def restore(self, number: int, snapshot: bytes) -> None:
        """Begin with a snapshot that was made after entry `number`.

        Raises:
            JournalError: it can't be read.
        """
        try:
            state, kept = _decoder.decode(snapshot)
        except msgspec.MsgspecError as error:
            raise JournalError(f"the snapshot of {self.name!r} is damaged: {error}") from None
        self.number, self.noops = number, number - state.rooms[0].seq
        self._replica.restore(state, kept)

    def apply(self, stored: Stored) -> tuple[Entry, list[Effect]]:
        """Carry out the next entry.

        Raises:
            JournalError: it is not the next one, or can't be read.
        """
        if stored.number != self.number + 1:
            raise JournalError(f"entry {self.number + 1} of {self.name!r} is gone")
        try:
            entry = entries.decode(stored.data)
        except msgspec.MsgspecError as error:
            raise JournalError(f"an entry of {self.name!r} is damaged: {error}") from None
        self.number = stored.number
        self._count(len(stored.data))
        effects = self._replica.apply(entry)
        self.noops += Broadcast not in map(type, effects)
        return entry, effects

    def ask(self, member: Member, command: Command) -> list[Effect]:
        """Carry out a command that changes nothing."""
        return self._replica.ask(member, command)

    def is_inside(self, member: Member) -> bool:
        """Whether a member is in the room."""
        return self._replica.rooms.is_inside(member)

    def snapshot(self) -> bytes:
        """The room after the last entry, for `restore`."""
        return msgspec.msgpack.encode((self._replica.rooms.state(), self._replica.kept()))

    def _count(self, size: int) -> None:
        """Find when a snapshot is due: after the same entries on every node."""
        self._since, self._since_bytes = self._since + 1, self._since_bytes + size
        self.is_due = self._since >= LONGEST or self._since_bytes >= LONGEST_BYTES
        if self.is_due:
            self._since = self._since_bytes = 0
            self._replica.saved()
