"""Runs an open loop: a rate is offered whatever the server does. Time runs from the INTENDED send.

Users don't wait for each other's answers before they send. A load that waits (a closed loop) stops
sending while the server stalls, and so leaves out exactly the samples that would show the stall.
This is coordinated omission. Here each `say` is due at a time that is fixed before the run. A `say`
that is due during a stall is sent during the stall, and its latency counts from when it was due.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress

import numpy as np

from lab.chat.events import Message, RoomEvent, Said
from lab.contract import Connection, ConnectionClosedError
from lab.load.closed_loop import RefusedError
from lab.load.fleet import Connect, Fleet
from lab.load.open_loop.load import TAG_CHARS, Latency, Load, OpenLoop, Verdict, told
from lab.load.open_loop.schedule import SECOND_NS, Slot
from lab.load.texts import incompressible
from lab.measure import histogram
from lab.measure.clock import now_ns
from lab.measure.process import CpuMeter, CpuUse

__all__ = ["Latency", "Load", "OpenLoop", "Verdict", "open_loop"]

POOL_BYTES = 4 << 20
"""Bodies repeat after this many bytes, far beyond the window of a compressor (32 KiB)."""


async def open_loop(connect: Connect, load: Load, meter: CpuMeter | None = None) -> OpenLoop:
    """Open all connections, offer the load, await missing deliveries, close.

    `meter` runs while the load is offered.

    Raises:
        RefusedError: the room refused a message.
        JoinRefusedError: the room refused a member.
        OSError: a connection could not be opened. One that ends later is in `OpenLoop.closed`.
    """
    run = _Run(load)
    async with AsyncExitStack() as stack:
        for number in range(load.rooms):
            listeners = [run.ears.listener() for _ in range(load.members_per_room)]
            fleet = Fleet(connect, f"{load.room} {number}", listeners)
            run.rooms.append((await stack.enter_async_context(fleet)).connections)
        return await run.run(meter)


class _Ears:
    """Counts how many members have received each message, and checks the order for each member."""

    def __init__(self, members_per_room: int, on_last: Callable[[int], None]) -> None:
        self.delivered = 0
        self.out_of_order = 0
        self._members = members_per_room
        self._on_last = on_last
        self._left: dict[str, int] = {}

    def expect(self, number: int) -> str:
        """The tag at the beginning of the text of message `number`."""
        tag = f"{number:0{TAG_CHARS}x}"
        self._left[tag] = self._members
        return tag

    def listener(self) -> Callable[[RoomEvent], None]:
        """A listener for one member. A repeated message is out of order, not a delivery."""
        last_seq = 0

        def listen(event: RoomEvent) -> None:
            nonlocal last_seq
            if type(event) is not Message:
                return
            if event.seq > last_seq:
                last_seq = event.seq
                self._count(event.text[:TAG_CHARS])
            else:
                self.out_of_order += 1

        return listen

    def _count(self, tag: str) -> None:
        left = self._left.get(tag)
        if left is None:
            return  # a message of another member
        self.delivered += 1
        if left > 1:
            self._left[tag] = left - 1
        else:
            del self._left[tag]
            self._on_last(int(tag, 16))


class _Run:
    """One call of `open_loop`. Times are in ns, by message number; 0 is never."""

    def __init__(self, load: Load) -> None:
        self.rooms: list[list[Connection]] = []
        self.ears = _Ears(load.members_per_room, self._heard)
        self._load = load
        self._bodies = _bodies(load)
        self._due_ns: list[int] = []
        self._sent_ns: list[int] = []
        self._replied_ns: list[int] = []
        self._heard_ns: list[int] = []
        self._completed = 0
        self._saying: set[asyncio.Task[None]] = set()
        self._errors: list[BaseException] = []
        self._offered = False
        self._settled = asyncio.Event()

    async def run(self, meter: CpuMeter | None) -> OpenLoop:
        """Offer the load. All members have joined."""
        start_ns = now_ns()
        try:
            overloaded, cpu = await self._metered(start_ns, meter)
            stopped_ns = now_ns()
            await self._drain()
        finally:
            await self._give_up()
        if self._errors:
            raise self._errors[0]
        least_ns = 1 if overloaded else int(self._load.duration_s * SECOND_NS)
        return self._result(overloaded, cpu, start_ns, max(stopped_ns - start_ns, least_ns))

    async def _metered(self, start_ns: int, meter: CpuMeter | None) -> tuple[bool, CpuUse | None]:
        if meter is None:
            return await self._offer(start_ns), None
        meter.start()
        overloaded = await self._offer(start_ns)
        return overloaded, meter.stop()

    async def _offer(self, start_ns: int) -> bool:
        """Send each message when it is due, whatever has returned. True: stopped, overloaded.

        asyncio's sleep has a resolution of 1 ms, so each wake-up sends all messages that are due.
        """
        now = 0
        for slot in self._load.slots():
            due_ns = start_ns + slot.due_ns
            while due_ns > now:
                await asyncio.sleep(max(due_ns - now_ns(), 0) / SECOND_NS)
                now = now_ns()
            if self._errors:
                break
            if len(self._due_ns) - self._completed >= self._load.most_in_flight:
                return True
            self._begin(slot, due_ns)
        return False

    def _begin(self, slot: Slot, due_ns: int) -> None:
        # A task for each message, because a transport may delay a sender, and the next message is
        # due anyway.
        number = len(self._due_ns)
        self._due_ns.append(due_ns)
        for stamps in (self._sent_ns, self._replied_ns, self._heard_ns):
            stamps.append(0)
        text = self.ears.expect(number) + self._bodies[number % len(self._bodies)]
        task = asyncio.ensure_future(self._say(number, slot, text))
        self._saying.add(task)
        task.add_done_callback(self._said)

    async def _say(self, number: int, slot: Slot, text: str) -> None:
        connection = self.rooms[slot.room][slot.sender // self._load.rooms]
        self._sent_ns[number] = now_ns()
        try:
            reply = await connection.say(f"{self._load.room} {slot.room}", text)
        except ConnectionClosedError:
            return  # no reply: the message counts as lost, and the connection as closed
        self._replied_ns[number] = now_ns()
        if not isinstance(reply, Said):
            raise RefusedError(f"say was refused: {reply}")
        self._if_complete(self._heard_ns[number])

    def _said(self, task: asyncio.Task[None]) -> None:
        self._saying.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._errors.append(error)
            self._settled.set()

    def _heard(self, number: int) -> None:
        self._heard_ns[number] = now_ns()
        self._if_complete(self._replied_ns[number])

    def _if_complete(self, other_half_ns: int) -> None:
        self._completed += other_half_ns > 0
        if self._offered and self._completed == len(self._due_ns):
            self._settled.set()

    async def _drain(self) -> None:
        self._offered = True
        if self._completed == len(self._due_ns):
            self._settled.set()
        with suppress(TimeoutError):  # a missing delivery has no time, and counts as lost
            await asyncio.wait_for(self._settled.wait(), self._load.drain_s)

    async def _give_up(self) -> None:
        for task in self._saying:
            task.cancel()
        await asyncio.gather(*self._saying, return_exceptions=True)

    def _result(
        self, overloaded: bool, cpu: CpuUse | None, start_ns: int, offering_ns: int
    ) -> OpenLoop:
        due, sent, senders = self._due_ns, self._sent_ns, self._load.senders
        last_ns = max((*self._replied_ns, *self._heard_ns), default=0)
        return OpenLoop(
            load=self._load,
            offering_ns=offering_ns,
            elapsed_ns=max(last_ns - start_ns, offering_ns),
            sent=len(sent),
            completed=self._completed,
            replies_lost=self._replied_ns.count(0),
            deliveries_lost=len(sent) * self._load.members_per_room - self.ears.delivered,
            out_of_order=self.ears.out_of_order,
            overloaded=overloaded,
            closed=[
                one.closed.result() for room in self.rooms for one in room if one.closed.done()
            ],
            late=histogram.from_samples(
                np.array(sent, dtype=np.int64) - np.array(due, dtype=np.int64)
            ),
            reply=told(due, sent, self._replied_ns, senders),
            delivery=told(due, sent, self._heard_ns, senders),
            cpu=cpu,
        )


def _bodies(load: Load) -> list[str]:
    most = math.ceil(load.rate_per_s * load.duration_s)
    count = min(most, max(2, POOL_BYTES // load.payload_bytes))
    return incompressible(load.payload_bytes - TAG_CHARS, count, load.seed)
