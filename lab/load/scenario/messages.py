"""The account of a load's messages: when each was due, sent, answered, and delivered to all.

While the load runs, only counts are kept that decide what is sent next. Who received which message
how often is counted exactly at the end, from every client's own log.
"""

from __future__ import annotations

__pure__ = True

from collections.abc import Callable, Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from lab.scenario import Scenario
from lab.scenario.placeholders import FIRST_ID, ID_DIGITS, MOST_IDS

Ints = npt.NDArray[np.int64]


class Scope:
    """Who has to get a message: by the number of its sender, out of all clients."""

    def __init__(self, scenario: Scenario) -> None:
        self._to = scenario.broadcast.to if scenario.broadcast is not None else None
        self._clients = scenario.load.clients
        self._rooms = scenario.load.rooms

    @property
    def includes_sender(self) -> bool:
        """Whether a sender gets its own messages."""
        return self._to in ("everybody", "room")

    def size(self, sender: int) -> int:
        """How many clients have to get a message of this sender."""
        if self._to is None:
            return 0
        everybody = self._clients if self._to in ("everybody", "others") else self._in_room(sender)
        return everybody if self.includes_sender else everybody - 1

    def reaches(self, client: int, senders: Ints) -> npt.NDArray[np.bool_]:
        """Which messages, by their senders, this client has to get."""
        if self._to is None:
            return np.zeros(len(senders), dtype=bool)
        reached = np.ones(len(senders), dtype=bool)
        if self._to in ("room", "room-others"):
            reached = senders % self._rooms == client % self._rooms
        if not self.includes_sender:
            reached = reached & (senders != client)
        return reached

    def _in_room(self, sender: int) -> int:
        room = sender % self._rooms
        return len(range(room, self._clients, self._rooms))


class Audit(msgspec.Struct, frozen=True):
    """How messages arrived.

    `lost`: deliveries that never came; `doubled`: that came again; `stray`: that came to a client
    that should not get them; `answers_lost`: answers that never came.
    """

    messages: int
    expected: int
    delivered: int
    lost: int
    doubled: int
    stray: int
    answers_lost: int
    answers_doubled: int


class Messages:
    """All messages of one load. Times are in ns, by message number; 0 is never.

    `answered`: each has an answer. `base`: the id of the first message. `on_complete` is called
    with the number of a message that has its answer and all its deliveries.
    """

    def __init__(self, scope: Scope, *, answered: bool, base: int) -> None:
        self._scope = scope
        self.answers = answered
        self._base = base
        self.on_complete: Callable[[int], None] = _ignore
        self.senders: list[int] = []
        self.due_ns: list[int] = []
        self.sent_ns: list[int] = []
        self.answered_ns: list[int] = []
        self.delivered_ns: list[int] = []
        self.left: dict[bytes, int] = {}
        """Id -> how many of its deliveries have not come."""
        self.unanswered: dict[bytes, int] = {}
        """Id -> number of each message whose answer has not come."""
        self.pending: dict[int, None] = {}
        """The messages that are not complete, oldest first."""
        self.answers_doubled = 0

    @property
    def count(self) -> int:
        """How many messages were sent."""
        return len(self.senders)

    def tag(self, number: int) -> bytes:
        """The id of a message, as it is written."""
        return b"%d" % (self._base + number)

    def number(self, tag: bytes) -> int | None:
        """The number of the message with this id; None: it is none of this load."""
        number = int(tag) - self._base
        return number if 0 <= number < self.count else None

    def send(self, sender: int, due_ns: int, now_ns: int) -> bytes:
        """Note that a message is sent. Returns its id."""
        number = self.count
        tag = self.tag(number)
        self.senders.append(sender)
        self.due_ns.append(due_ns)
        self.sent_ns.append(now_ns)
        self.answered_ns.append(0)
        self.delivered_ns.append(0)
        self.pending[number] = None
        if size := self._scope.size(sender):
            self.left[tag] = size
        if self.answers:
            self.unanswered[tag] = number
        return tag

    def answer(self, tag: bytes, now_ns: int) -> None:
        """Note that a message is answered."""
        number = self.unanswered.pop(tag, None)
        if number is None:
            self.answers_doubled += self.number(tag) is not None
            return
        self.answered_ns[number] = now_ns
        if tag not in self.left:
            self._completed(number)

    def deliver(self, tags: Sequence[bytes]) -> list[bytes]:
        """Count deliveries to one client. Returns the ids whose last delivery is among them."""
        left, last = self.left, []
        for tag in tags:
            missing = left.get(tag, 0)
            if missing > 1:
                left[tag] = missing - 1
            elif missing:
                del left[tag]
                last.append(tag)
        return last

    def delivered(self, tags: Sequence[bytes], now_ns: int) -> None:
        """Note that the last client has these messages."""
        for tag in tags:
            number = int(tag) - self._base
            self.delivered_ns[number] = now_ns
            if tag not in self.unanswered:
                self._completed(number)

    def oldest_ns(self) -> int | None:
        """When the oldest message that is not complete was sent."""
        number = self.oldest()
        return None if number is None else self.sent_ns[number]

    def oldest(self) -> int | None:
        """The oldest message that is not complete."""
        return next(iter(self.pending), None)

    def audit(self, logs: Sequence[bytes], counted: npt.NDArray[np.bool_]) -> Audit:
        """Count how messages arrived. `logs`: each client's ids, joined. `counted`: which ones."""
        senders = np.array(self.senders, dtype=np.int64)
        expected = delivered = doubled = stray = 0
        for client, log in enumerate(logs):
            came = np.bincount(self._numbers(log), minlength=self.count)
            wanted = self._scope.reaches(client, senders)
            expected += int((wanted & counted).sum())
            delivered += int((wanted & counted & (came > 0)).sum())
            doubled += int(np.maximum(came - 1, 0)[wanted & counted].sum())
            stray += int(came[~wanted & counted].sum())
        unanswered = sum(bool(counted[number]) for number in self.unanswered.values())
        return Audit(
            messages=int(counted.sum()),
            expected=expected,
            delivered=delivered,
            lost=expected - delivered,
            doubled=doubled,
            stray=stray,
            answers_lost=unanswered,
            answers_doubled=self.answers_doubled,
        )

    def _completed(self, number: int) -> None:
        self.pending.pop(number, None)
        self.on_complete(number)

    def _numbers(self, log: bytes) -> Ints:
        numbers: Ints = np.frombuffer(log, dtype=f"S{ID_DIGITS}").astype(np.int64) - self._base
        return np.asarray(numbers[(numbers >= 0) & (numbers < self.count)])


def first_id(seed: int) -> int:
    """The id of the first message of a load: another one for another seed, with room above it."""
    return FIRST_ID + seed * 7919 % (MOST_IDS // 2)


def _ignore(_number: int) -> None:
    """Nothing waits for a message."""
