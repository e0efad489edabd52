"""Raw members in one process: let into a room, read from and counted by one selector's loop."""

from __future__ import annotations

import selectors
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from lab.chat.events import Event, Joined, Refused, Reply
from lab.load.fan_out import STALL_S
from lab.load.fleet import OPENING_AT_ONCE
from lab.load.raw.exchange import Member, RawError
from lab.load.raw.speakers import JoinOne

SPEAKER = 0
"""The number of the member who speaks."""
LISTENERS = 10
"""In each process, whose writes are counted: that costs the driver some microseconds each."""


class Counted(Protocol):
    """A member; or all those members together who are in another process."""

    count: int


class Source(Protocol):
    """What the loop reads from."""

    @property
    def owner(self) -> Counted:
        """Whose it is."""

    def read(self) -> int:
        """Take what is there; returns by how much that raises its owner's count."""


@dataclass(frozen=True)
class Report:
    """How far the members of one process are; lists are in their order.

    `pieces`: of some of them, see `RawFleet.pieces`. `heard`: see `Member`.
    """

    delivered: int
    last: list[bytes]
    pieces: list[int | None]
    heard: list[list[Event]]


class RawFleet:
    """The members with these `numbers`, who are in this process."""

    def __init__(self, join_one: JoinOne, room: str, numbers: range) -> None:
        self._join_one = join_one
        self._room = room
        self._numbers = numbers
        self.selector = selectors.DefaultSelector()
        self.members: list[Member] = []
        self.counted: list[Counted] = []
        self.behind = 0
        """How many of the counted have had fewer messages of this batch than the goal."""
        self._goal = 0

    def let_in(self) -> None:
        """Connect everybody, and join.

        Raises:
            RawError: somebody is not let in.
            OSError: nobody listens.
        """
        for start in range(0, len(self._numbers), OPENING_AT_ONCE):
            self._let_in(self._numbers[start : start + OPENING_AT_ONCE])

    def begin(self) -> None:
        """Count from nothing: a batch begins."""
        for each in self.counted:
            each.count = 0
        self.await_next(1)

    def complete(self) -> int:
        """How many messages of the batch everybody has had."""
        return min(each.count for each in self.counted)

    def await_next(self, goal: int) -> None:
        """Reckon from now on who is behind so many messages."""
        self._goal = goal
        self.behind = sum(each.count < goal for each in self.counted)

    def report(self) -> Report:
        """How far the members here are."""
        return Report(
            delivered=sum(member.count for member in self.members),
            last=[member.last for member in self.members],
            pieces=self.pieces(),
            heard=[member.heard for member in self.members],
        )

    def pieces(self) -> list[int | None]:
        """Of some who only listen: the speaker is sent replies besides. See `Member`."""
        first = 1 if SPEAKER in self._numbers else 0
        return [member.pieces() for member in self.members[first : first + LISTENERS]]

    def replies(self) -> list[Reply]:
        """What the room has answered since it was last asked. Raises RawError for a refusal."""
        found: list[Reply] = []
        for member in self.members:
            found += member.replies
            member.replies.clear()
        for reply in found:
            if isinstance(reply, Refused):
                raise RawError(f"refused: {reply.code} {reply.reason}")
        return found

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Read on until it is so. Raises RawError where nothing comes for STALL_S."""
        while not condition():
            if not self.turn(STALL_S):
                raise RawError(f"in {STALL_S:g} s not everybody {what}")

    def turn(self, timeout_s: float | None) -> bool:
        """Read everything that can be read; False where for so long there was nothing."""
        ready = self.selector.select(timeout_s)
        goal = self._goal
        for key, events in ready:
            source: Source = key.data
            if events & selectors.EVENT_WRITE:
                key.data.flush()  # a Pipe: nothing else has anything to write
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
