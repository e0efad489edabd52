"""A room full of raw members: filled, spoken to, and counted exactly."""

from __future__ import annotations

import selectors
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from lab.chat.events import Event, Joined, Message, Refused, Reply, Said
from lab.contract import Address, Transport
from lab.load.fan_out import STALL_S, FanOut
from lab.load.fleet import OPENING_AT_ONCE
from lab.load.raw.exchange import Member, Pipe, RawError
from lab.load.raw.pace import Pace, Rate, Window
from lab.load.raw.speakers import speaker
from lab.measure.clock import now_ns

LISTENERS = 10
"""Whose writes are counted: that costs the driver some microseconds each."""


class RawRoom:
    """`size` members of one room of a running server; a context manager.

    `decoding`: every delivery is decoded and kept, to be compared with what a library has heard.
    It costs as much as it costs a library, and is nothing to measure with.

    Raises (on entry): RawError where somebody is not let in; OSError where nobody listens.
    """

    def __init__(
        self, wire: Transport, address: Address, room: str, size: int, *, decoding: bool = False
    ) -> None:
        self._join_one = speaker(wire, address, decoding=decoding)
        self._room = room
        self._size = size
        self._selector = selectors.DefaultSelector()
        self.members: list[Member] = []
        self._said = 0
        self._goal = 0
        self._behind = 0
        """How many members have had fewer than `_goal` deliveries of this batch."""

    def __enter__(self) -> Self:
        try:
            for start in range(0, self._size, OPENING_AT_ONCE):
                self._let_in(range(start, min(start + OPENING_AT_ONCE, self._size)))
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def fan_out(self, texts: Sequence[str], window: int) -> FanOut:
        """Say every text, at most `window` in flight, until all are delivered or none comes.

        Raises:
            RawError: a text was refused, or a connection ended.
        """
        return self._say_all(texts, Window(window))

    def offer(self, texts: Sequence[str], rate_per_s: float) -> FanOut:
        """Say the texts at a steady rate, whatever comes back, and await what is missing.

        Raises as `fan_out` does.
        """
        return self._say_all(texts, Rate(rate_per_s))

    def heard(self) -> list[list[Event]]:
        """What each member has been delivered, oldest first; nothing unless `decoding`."""
        return [member.heard for member in self.members]

    def stay(self) -> None:
        """Answer the heartbeats that have come: for who is in a room and has nothing to say.

        Raises:
            RawError: a connection ended.
        """
        while self._turn(0):
            pass

    def _say_all(self, texts: Sequence[str], pace: Pace) -> FanOut:
        """Say every text in its time, and see what comes of it.

        What every member has had is counted; that each one's last is the last text, and where it
        stands in the room's order, is read, so that a count that is right is right of these texts.
        """
        speaking = self.members[0]
        said = [speaking.dialect.say(self._said + n, self._room, t) for n, t in enumerate(texts, 1)]
        self._said += len(texts)
        sent_ns: list[int] = []
        samples: list[int] = []
        for member in self.members:
            member.count = 0
        before = self._pieces()
        self._await_next(1)
        while len(samples) < len(texts):
            allowed = min(len(texts), pace.allowed(len(samples)))
            if allowed > len(sent_ns):
                speaking.send(said[len(sent_ns) : allowed])
                sent_ns += [now_ns()] * (allowed - len(sent_ns))
            next_s = pace.next_s() if allowed < len(texts) else None
            if not self._turn(STALL_S if next_s is None else next_s) and next_s is None:
                break
            self._note_complete(sent_ns, samples)
        complete = len(samples) == len(texts)
        return FanOut(
            messages=len(texts),
            expected=len(texts) * self._size,
            delivered=sum(member.count for member in self.members),
            out_of_order=self._wrong_at_the_end(texts[-1]) if complete else 0,
            last_delivery_ns=samples,
            per_write=self._per_write(len(texts), before) if complete else None,
        )

    def _pieces(self) -> list[int | None]:
        """Of some who only listen: the speaker is sent replies besides."""
        return [member.pieces() for member in self.members[1 : 1 + LISTENERS]]

    def _per_write(self, messages: int, before: Sequence[int | None]) -> float | None:
        after = self._pieces()
        counts = [
            now - then
            for then, now in zip(before, after, strict=True)
            if then is not None and now is not None
        ]
        return messages * len(counts) / sum(counts) if sum(counts) else None

    def _note_complete(self, sent_ns: list[int], samples: list[int]) -> None:
        if self._behind:
            return
        complete = min(member.count for member in self.members)
        now = now_ns()
        samples += [now - each for each in sent_ns[len(samples) : complete]]
        self._await_next(complete + 1)

    def _await_next(self, goal: int) -> None:
        self._goal = goal
        self._behind = sum(member.count < goal for member in self.members)

    def _wrong_at_the_end(self, text: str) -> int:
        """How many members' last delivery is not this text, where the room's order has it."""
        newest = max((reply.seq for reply in self._replies() if isinstance(reply, Said)), default=0)
        ends = [member.dialect.decode(member.last) for member in self.members]
        seqs = {end.seq for end in ends if isinstance(end, Message) and end.text == text}
        if len(seqs) != 1 or min(seqs) < newest:
            return self._size
        return sum(not (isinstance(end, Message) and end.text == text) for end in ends)

    def _replies(self) -> list[Reply]:
        found: list[Reply] = []
        for member in self.members:
            found += member.replies
            member.replies.clear()
        for reply in found:
            if isinstance(reply, Refused):
                raise RawError(f"refused: {reply.code} {reply.reason}")
        return found

    def _let_in(self, numbers: range) -> None:
        arriving = []
        for _ in numbers:
            arriving.append(self._join_one(self._selector))
            self.members.append(arriving[-1])
        self._until(lambda: all(member.ready for member in arriving), "can send")
        for number, member in zip(numbers, arriving, strict=True):
            member.send([member.dialect.join(self._room, f"member {number}")])
        self._until(lambda: all(member.replies for member in arriving), "was let in")
        for reply in self._replies():
            if not isinstance(reply, Joined):
                raise RawError(f"not let in: {reply}")

    def _until(self, condition: Callable[[], bool], what: str) -> None:
        while not condition():
            if not self._turn(STALL_S):
                raise RawError(f"in {STALL_S:g} s not everybody {what}")

    def _turn(self, timeout_s: float) -> bool:
        """Read everything that can be read; False where for so long there was nothing."""
        ready = self._selector.select(timeout_s)
        goal = self._goal
        for key, events in ready:
            pipe: Pipe = key.data
            if events & selectors.EVENT_WRITE:
                pipe.flush()
            if events & selectors.EVENT_READ and (found := pipe.read()):
                member = pipe.owner
                before = member.count
                member.count = before + found
                if before < goal <= member.count:
                    self._behind -= 1
        return bool(ready)

    def _close(self) -> None:
        for member in self.members:
            member.close()
        self.members.clear()
        self._selector.close()
