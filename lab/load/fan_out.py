"""Sends messages to every member of a room, with a window in flight, and counts all deliveries.

A message leaves the window when its last delivery has arrived. So there are never more undelivered
messages than the window allows. A benchmark always states this number, because with several
messages in flight a transport that gathers them into one write looks cheap.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import msgspec

from lab.chat.commands import Say
from lab.chat.events import Message, RoomEvent
from lab.contract import Connection
from lab.measure.clock import now_ns
from lab.measure.histogram import Histogram

STALL_S = 10.0
"""After this time without any delivery, the missing deliveries count as lost."""


class FanOut(msgspec.Struct, frozen=True):
    """The result of one batch of messages.

    `last_delivery_ns`: per complete message, from the call that sent it until the last member had
    it. `per_write`: how many messages the server gathered into each write or response to a poll, as
    some of the listening members saw it. `latencies`: instead of `last_delivery_ns`, where several
    hosts measured.
    """

    messages: int
    expected: int
    delivered: int
    out_of_order: int
    last_delivery_ns: list[int]
    per_write: float | None = None
    latencies: Histogram | None = None

    @property
    def lost(self) -> int:
        """Deliveries that never arrived. Not negative: a surplus counts as out of order."""
        return self.expected - self.delivered


class Audience:
    """Counts the deliveries of each message and checks their order for each member."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.delivered = 0
        self.out_of_order = 0
        self._left: dict[str, int] = {}
        self._on_complete: Callable[[str], None] = _forget

    def expect(self, texts: Sequence[str], on_complete: Callable[[str], None]) -> None:
        """Count the deliveries of `texts` from now on, and no others.

        Late deliveries of an earlier batch do not count for this one. Calls `on_complete` with each
        text when its last delivery arrives. Raises ValueError if two texts are equal.
        """
        left = dict.fromkeys(texts, self.size)
        if len(left) != len(texts):
            raise ValueError("the texts must differ: they are how a delivery finds its message")
        self._left, self._on_complete = left, on_complete

    def listeners(self) -> list[Callable[[RoomEvent], None]]:
        """One listener per member."""
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
            return  # of an earlier batch, or once too often, which counts as out of order
        self.delivered += 1
        if left > 1:
            self._left[message.text] = left - 1
        else:
            del self._left[message.text]
            self._on_complete(message.text)


async def fan_out(
    sender: Connection,
    room: str,
    audience: Audience,
    texts: Sequence[str],
    window: int,
    *,
    stall_s: float | None = None,
) -> FanOut:
    """Say every text, at most `window` in flight, until all are delivered or none arrives.

    The texts must differ, because a delivery finds its message by its text. `stall_s`: after how
    many seconds without a delivery the batch is given up; None: `STALL_S`.

    Raises:
        ConnectionClosedError: the sender's connection ended.
        ValueError: two texts are equal.
    """
    batch = _Batch(sender, room, audience, texts, window)
    return await batch.run(STALL_S if stall_s is None else stall_s)


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

    async def run(self, stall_s: float) -> FanOut:
        before = self._audience.delivered
        before_disorder = self._audience.out_of_order
        self._audience.expect(self._texts, self._completed)
        sending = asyncio.ensure_future(self._send_all())
        try:
            await self._until_done_or_stalled(sending, stall_s)
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

    async def _until_done_or_stalled(self, sending: asyncio.Future[None], stall_s: float) -> None:
        """Give up a batch that has stalled. The count of deliveries shows what is missing."""
        while not sending.done():
            seen = self._audience.delivered
            await asyncio.wait([sending], timeout=stall_s)
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
    """Between two batches nothing waits for a message."""
