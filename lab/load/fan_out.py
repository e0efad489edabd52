"""Fan-out: every message to every member of a room, a window of messages in flight, all counted.

A message leaves the window when its last delivery has arrived. What is sent and not yet delivered
is therefore never more than the window, and a benchmark says how many messages that is: under a
window, a wire that gathers several messages into one write looks cheap.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import msgspec

from lab.chat.commands import Say
from lab.chat.events import Message, RoomEvent
from lab.contract import Connection
from lab.measure.clock import now_ns

STALL_S = 10.0
"""With nothing delivered for so long, what is missing counts as lost."""


class FanOut(msgspec.Struct, frozen=True):
    """What one batch of messages came to.

    `last_delivery_ns`: per message, from the call that sent it until its last member had it;
    messages that were never complete are not among them.
    `per_write`: how many messages the server gathered into each write or response to a poll, as
    some of those saw it who only listen.
    """

    messages: int
    expected: int
    delivered: int
    out_of_order: int
    last_delivery_ns: list[int]
    per_write: float | None = None

    @property
    def lost(self) -> int:
        """Deliveries that never came. Not negative: a surplus counts as out of order."""
        return self.expected - self.delivered


class Audience:
    """The members' ears: counts each message's deliveries and checks each member's order."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.delivered = 0
        self.out_of_order = 0
        self._left: dict[str, int] = {}
        self._on_complete: Callable[[str], None] = _forget

    def expect(self, texts: Sequence[str], on_complete: Callable[[str], None]) -> None:
        """Count the deliveries of `texts` from now on, and of no others.

        What comes late of a batch that was given up is none of the next one's. `on_complete` is
        called with each text as its last delivery arrives. Raises ValueError where two are alike.
        """
        left = dict.fromkeys(texts, self.size)
        if len(left) != len(texts):
            raise ValueError("the texts must differ: they are how a delivery finds its message")
        self._left, self._on_complete = left, on_complete

    def listeners(self) -> list[Callable[[RoomEvent], None]]:
        """One listener for each member."""
        return [self._listener() for _ in range(self.size)]

    def _listener(self) -> Callable[[RoomEvent], None]:
        last_seq = 0

        def listen(event: RoomEvent) -> None:
            nonlocal last_seq
            if type(event) is not Message:
                return
            if event.seq <= last_seq:
                self.out_of_order += 1
            last_seq = event.seq
            self._count(event)

        return listen

    def _count(self, message: Message) -> None:
        left = self._left.get(message.text)
        if left is None:
            return  # of a batch that was given up; or once too often, which is out of order
        self.delivered += 1
        if left > 1:
            self._left[message.text] = left - 1
        else:
            del self._left[message.text]
            self._on_complete(message.text)


async def fan_out(
    sender: Connection, room: str, audience: Audience, texts: Sequence[str], window: int
) -> FanOut:
    """Say every text, at most `window` of them in flight, until all are delivered or none comes.

    The texts must differ from each other: they are how a delivery finds its message again.

    Raises:
        ConnectionClosedError: the sender's connection ended.
        ValueError: two texts are alike.
    """
    batch = _Batch(sender, room, audience, texts, window)
    return await batch.run()


class _Batch:
    """One call of `fan_out`."""

    def __init__(
        self, sender: Connection, room: str, audience: Audience, texts: Sequence[str], window: int
    ) -> None:
        self._sender = sender
        self._room = room
        self._audience = audience
        self._texts = texts
        self._sent_ns: dict[str, int] = {}
        self._samples: list[int] = []
        self._free = asyncio.Semaphore(window)
        self._done = asyncio.Event()

    async def run(self) -> FanOut:
        before = self._audience.delivered
        before_disorder = self._audience.out_of_order
        self._audience.expect(self._texts, self._completed)
        sending = asyncio.ensure_future(self._send_all())
        try:
            await self._until_done_or_stalled(sending)
        finally:
            sending.cancel()
            self._audience.expect((), _forget)
        return FanOut(
            messages=len(self._texts),
            expected=len(self._texts) * self._audience.size,
            delivered=self._audience.delivered - before,
            out_of_order=self._audience.out_of_order - before_disorder,
            last_delivery_ns=self._samples,
        )

    async def _send_all(self) -> None:
        for text in self._texts:
            await self._free.acquire()
            self._sent_ns[text] = now_ns()
            await self._sender.send(Say(self._sender.next_id(), self._room, text))
        await self._done.wait()

    async def _until_done_or_stalled(self, sending: asyncio.Future[None]) -> None:
        """A batch that has stalled is given up; the count of deliveries tells what is missing."""
        while not sending.done():
            seen = self._audience.delivered
            await asyncio.wait([sending], timeout=STALL_S)
            if not sending.done() and self._audience.delivered == seen:
                sending.cancel()
                await asyncio.wait([sending])
        if not sending.cancelled():
            sending.result()

    def _completed(self, text: str) -> None:
        self._samples.append(now_ns() - self._sent_ns[text])
        self._free.release()
        if len(self._samples) == len(self._texts):
            self._done.set()


def _forget(_text: str) -> None:
    """Between two batches nobody waits for a message."""
