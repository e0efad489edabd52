"""Raw members in one process: one selector's loop reads from them and counts."""

from __future__ import annotations

import selectors
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from lab.chat.events import Event, Joined, Refused, Reply
from lab.load.fan_out import STALL_S
from lab.load.fleet import OPENING_AT_ONCE
from lab.load.raw.exchange import Counted, Member, RawError
from lab.load.raw.speakers import JoinOne

SPEAKER = 0
"""The number of the member that speaks."""
LISTENERS = 10
"""How many members of each process count the writes. This costs the driver some microseconds
each."""


class Source(Protocol):
    """A source of data for the loop."""

    @property
    def owner(self) -> Counted:
        """The member or process that it belongs to."""

    def read(self) -> int:
        """Read the data that has arrived. Returns by how much it raises the owner's count."""


@dataclass(frozen=True)
class Report:
    """The progress of the members of one process. Lists are in the members' order.

    `pieces`: of some members, see `RawFleet.pieces`. `heard`: see `Member`.
    """

    delivered: int
    last: list[bytes]
    pieces: list[int | None]
    heard: list[list[Event]]


class RawFleet:
    """The members with these `numbers`, in this process."""

    def __init__(self, join_one: JoinOne, room: str, numbers: range) -> None:
        self._join_one = join_one
        self._room = room
        self._numbers = numbers
        self.selector = selectors.DefaultSelector()
        self.members: list[Member] = []
        self.counted: list[Counted] = []
        self.behind = 0
        """How many of the counted members have received fewer messages of this batch than the
        goal."""
        self._goal = 0

    def let_in(self) -> None:
        """Connect all members, and join.

        Raises:
            RawError: the room refused a member.
            OSError: no server listens.
        """
        for start in range(0, len(self._numbers), OPENING_AT_ONCE):
            self._let_in(self._numbers[start : start + OPENING_AT_ONCE])

    def begin(self) -> None:
        """Begin a batch: reset all counts."""
        for each in self.counted:
            each.count = 0
        self.await_next(1)

    def complete(self) -> int:
        """How many messages of the batch every member has received."""
        return min(each.count for each in self.counted)

    def await_next(self, goal: int) -> None:
        """Set the goal: from now on, count the members that have received fewer messages."""
        self._goal = goal
        self.behind = sum(each.count < goal for each in self.counted)

    def report(self) -> Report:
        """The progress of the members in this process."""
        return Report(
            delivered=sum(member.count for member in self.members),
            last=[member.last for member in self.members],
            pieces=self.pieces(),
            heard=[member.heard for member in self.members],
        )

    def pieces(self) -> list[int | None]:
        """Pieces of some members that only listen: the speaker gets replies, too. See `Member`."""
        first = 1 if SPEAKER in self._numbers else 0
        return [member.pieces() for member in self.members[first : first + LISTENERS]]

    def replies(self) -> list[Reply]:
        """The room's replies since the last call. Raises RawError for a refusal."""
        found: list[Reply] = []
        for member in self.members:
            found += member.replies
            member.replies.clear()
        for reply in found:
            if isinstance(reply, Refused):
                raise RawError(f"refused: {reply.code} {reply.reason}")
        return found

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Read until the condition holds. Raises RawError if nothing arrives for STALL_S."""
        while not condition():
            if not self.turn(STALL_S):
                raise RawError(f"in {STALL_S:g} s not everybody {what}")

    def turn(self, timeout_s: float | None) -> bool:
        """Read everything that has arrived. False: nothing arrived within the time."""
        ready = self.selector.select(timeout_s)
        goal = self._goal
        for key, events in ready:
            source: Source = key.data
            if events & selectors.EVENT_WRITE:
                key.data.flush()  # only a Pipe has anything to write
            if events & selectors.EVENT_READ and (found := source.read()):
                owner = source.owner
                before = owner.count
                owner.count = before + found
                if before < goal <= owner.count:
                    self.behind -= 1
        return bool(ready)

    def close(self) -> None:
        """Hang up."""
        for member in self.members:
            member.close()
        self.members.clear()
        self.counted.clear()
        self.selector.close()

    def _let_in(self, numbers: range) -> None:
        arriving = []
        for _ in numbers:
            arriving.append(self._join_one(self.selector))
            self.members.append(arriving[-1])
            self.counted.append(arriving[-1])
        self.until(lambda: all(member.ready for member in arriving), "can send")
        for number, member in zip(numbers, arriving, strict=True):
            member.send([member.dialect.join(self._room, f"member {number}")])
        self.until(lambda: all(member.replies for member in arriving), "was let in")
        for reply in self.replies():
            if not isinstance(reply, Joined):
                raise RawError(f"not let in: {reply}")
