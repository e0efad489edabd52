"""The lesson of 04_fan_out_and_cost: what a delivery and an idle connection cost the server."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lab.load.closed_loop import ignore
from lab.load.fan_out import Audience, fan_out
from lab.load.fleet import Fleet
from lab.load.texts import incompressible
from lab.measure.process import rss_bytes
from lab.notebook.guess import Expected
from lab.notebook.pictures import Chart, Picture, charts
from lab.notebook.prose import Prose, table
from lab.notebook.served_transport import ServedTransport, served

WINDOWS = (1, 16)
WARM_UP = 10
SETTLED = 30
"""Connections that fill buffers and pools before memory is read."""
SAME = 0.15
"""A difference of less than this share means nothing in a single measurement."""


@dataclass(frozen=True)
class Costs:
    """(transport, messages in flight, room) -> server CPU a delivery in µs; memory in KiB."""

    cpu_us: Mapping[tuple[str, int, int], float]
    memory_kib: Mapping[str, float]
    rooms: Sequence[int]

    def change(self, transport: str = "websocket") -> float:
        """Return a delivery's cost in the largest room as a multiple of the smallest room's."""
        return self.cpu_us[transport, 1, self.rooms[-1]] / self.cpu_us[transport, 1, self.rooms[0]]

    def in_words(self) -> str:
        """Say whether a delivery costs more, less or the same in the largest room."""
        change = self.change()
        return "same" if abs(change - 1) < SAME else "less" if change < 1 else "more"

    def times(self, window: int) -> float:
        """Return how many times a native delivery one over polling costs, in the largest room."""
        room = self.rooms[-1]
        return (
            self.cpu_us["socketio-polling", window, room] / self.cpu_us["websocket", window, room]
        )

    def picture(self) -> Picture:
        """Draw the cost of a delivery over the room's size, for each number in flight."""
        title = (
            f"A delivery over polling: {self.times(1):.1f} times the CPU of a native one, "
            f"with 16 in flight {self.times(16):.1f} times"
        )
        note = "single measurements, 64 B texts; logarithmic scales"
        return charts([self._chart(window) for window in WINDOWS], title, note)

    def _chart(self, window: int) -> Chart:
        title = "one message in flight" if window == 1 else f"{window} messages in flight"
        series = {
            name: (self.rooms, [self.cpu_us[name, window, room] for room in self.rooms])
            for name in self.memory_kib
        }
        x, y = "members of the room", "server CPU per delivery, in µs"
        return Chart(x, y, series, title, log="xy")

    def saved(self) -> Prose:
        """Return a table of the cost with one message in flight and with sixteen."""
        room = self.rooms[1]
        costs = {
            name: [self.cpu_us[name, window, room] for window in WINDOWS]
            for name in self.memory_kib
        }
        return table(
            [f"room of {room}", "one in flight", "16 in flight", "cheaper by"],
            [
                [f"`{name}`", f"{one:.1f} µs", f"{many:.1f} µs", f"{one / many:.1f}×"]
                for name, (one, many) in costs.items()
            ],
            [f"{room}명 방", "동시에 1개", "동시에 16개", "줄어든 배수"],
        )

    def memory(self) -> Prose:
        """Return a table of what an idle connection holds in the server."""
        return table(
            ["transport", "server memory per idle connection"],
            [[f"`{name}`", f"{kib:.0f} KiB"] for name, kib in self.memory_kib.items()],
            ["전송 방식", "조용한 연결 하나의 서버 메모리"],
        )

    def core_percent(self, transport: str, per_s: float) -> Expected:
        """Expect which percentage of a core the largest room takes at a rate of deliveries."""
        return Expected(
            self.cpu_us[transport, 1, self.rooms[-1]] * per_s / 1e6 * 100,
            "Deliveries a second × µs each: how many µs of CPU in a second of a million µs?",
            "초당 전달 수 × 전달 한 건의 µs입니다. 1초는 백만 µs입니다.",
            within=0.1,
        )

    def memory_mib(self, transport: str, connections: int) -> Expected:
        """Expect what so many idle connections hold, in MiB."""
        return Expected(
            self.memory_kib[transport] * connections / 1024,
            "KiB of one connection × connections ÷ 1024.",
            "연결 하나의 KiB × 연결 수 ÷ 1024입니다.",
            within=0.1,
        )

    def answer(self) -> Prose:
        """Say what the room's size, polling and silence cost."""
        small, large = self.rooms[0], self.rooms[-1]
        changes = ", ".join(f"`{name}` **{self.change(name):.2f}**" for name in self.memory_kib)
        memory = ", ".join(f"`{name}` {kib:.0f} KiB" for name, kib in self.memory_kib.items())
        return Prose(
            f"The cost of a delivery in a room of {large}, as a share of its cost in a room of "
            f"{small}: {changes}. A delivery over polling costs {self.times(1):.1f} times a native "
            f"one with one message in flight, and {self.times(16):.1f} times with sixteen. An idle "
            f"connection holds: {memory}. These are single measurements: a difference of a tenth "
            "means nothing here.",
            f"{small}명 방에 견준 {large}명 방의 전달 한 건 비용: {changes}. 폴링의 전달 한 건은 "
            f"메시지가 동시에 1개일 때 네이티브의 {self.times(1):.1f}배, 16개일 때 "
            f"{self.times(16):.1f}배입니다. 조용한 연결 하나의 메모리: {memory}. 한 번씩만 측정한 "
            f"값이므로 "
            "10 % 차이에는 의미가 없습니다.",
        )


async def measure(
    transports: Sequence[str], rooms: Sequence[int], deliveries: int, idle: int
) -> Costs:
    """Measure each transport on its own server. Raises RuntimeError where a delivery is missing."""
    costs, memory = {}, {}
    for name in transports:
        async with served(name) as running:
            memory[name] = await _memory_kib(running, idle)
            for window in WINDOWS:
                for size in rooms:
                    costs[name, window, size] = await _cost_us(running, size, window, deliveries)
    return Costs(costs, memory, rooms)


async def _cost_us(running: ServedTransport, size: int, window: int, deliveries: int) -> float:
    room, audience = f"room of {size}, {window} in flight", Audience(size)
    texts = incompressible(64, WARM_UP + deliveries // size)
    async with Fleet(running.direct, room, audience.listeners()) as fleet:
        sender, meter = fleet.connections[0], running.meter()
        await fan_out(sender, room, audience, texts[:WARM_UP], window)
        meter.start()
        batch = await fan_out(sender, room, audience, texts[WARM_UP:], window)
        used = meter.stop().server_cpu_ns
    if batch.lost or batch.out_of_order or used is None:
        raise RuntimeError(f"void: {batch.lost} lost, {batch.out_of_order} out of order")
    return used / batch.delivered / 1000


async def _memory_kib(running: ServedTransport, idle: int) -> float:
    """Return what each idle connection adds to the server's resident memory."""
    opened = [await running.direct(ignore) for _ in range(SETTLED)]
    before = rss_bytes(running.server.pid)
    opened += [await running.direct(ignore) for _ in range(idle)]
    grown = rss_bytes(running.server.pid) - before
    await asyncio.gather(*(connection.close() for connection in opened))
    return grown / idle / 1024
