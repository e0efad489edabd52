"""The lesson of 03_latency: one stall of the network, seen by a closed and by an open loop."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from lab.load.closed_loop import ignore, round_trips
from lab.load.open_loop.load import Load
from lab.load.open_loop.run import open_loop
from lab.load.texts import incompressible
from lab.measure import histogram
from lab.measure.clock import now_ns
from lab.measure.histogram import Histogram
from lab.notebook.guess import Expected
from lab.notebook.pictures import Picture, percentiles
from lab.notebook.prose import Prose, table
from lab.notebook.served_transport import ServedTransport, served
from lab.report.pictures.style import Look

MS_NS = 1_000_000
SECOND_NS = 1000 * MS_NS
RATE_PER_S = 200
SLOW_MS = 100
"""A message that takes longer has met the stall."""

CLOSED, OPEN, UNCORRECTED = "closed loop", "open loop", "open loop, uncorrected"
LOOKS = {
    CLOSED: Look("#0072B2", "o", "-"),
    OPEN: Look("#D55E00", "D", "--"),
    UNCORRECTED: Look("#8a939d", "s", ":"),
}

LONG_RUN = Expected(
    100 * 0.5 / 30,
    "The stall is half a second, whatever the length of the run.",
    "실행이 길어져도 멈춘 시간은 0.5초입니다.",
    within=0.1,
)
SLOW_SAMPLES = Expected(
    25,
    "p99 is the value that 1 % of the samples exceed.",
    "p99는 표본의 1 %가 넘는 값입니다.",
    within=0.05,
)


@dataclass(frozen=True)
class Stalled:
    """Load -> its latencies under the same stall, in ns."""

    latencies: dict[str, Histogram]
    run_s: float
    stall_s: float

    def p99_ms(self, load: str) -> float:
        """Return the p99 that this load reports."""
        return self.latencies[load].percentile_ns(99) / MS_NS

    def slow(self, load: str) -> int:
        """Return how many samples took longer than 100 ms."""
        percentile, ns = self.latencies[load].percentile_curve()
        within = max(percentile[ns <= SLOW_MS * MS_NS], default=0)
        return round(self.latencies[load].count * (1 - within / 100))

    def waited(self) -> float:
        """Return which percentage of the open loop's messages had to wait."""
        return 100 * self.slow(OPEN) / self.latencies[OPEN].count

    def picture(self) -> Picture:
        """Draw the distributions of all loads."""
        title = (
            f"The same stall: a p99 of {self.p99_ms(CLOSED):.1f} ms in a closed loop, "
            f"{self.p99_ms(OPEN):.0f} ms in an open loop"
        )
        note = (
            f"websocket, stalled for {self.stall_s * 1000:.0f} ms of {self.run_s} s by the relay; "
            "logarithmic scales"
        )
        return percentiles(self.latencies, LOOKS, title, note)

    def samples(self) -> Prose:
        """Return a table of the loads' samples and percentiles."""
        return table(
            ["load", "samples", "over 100 ms", "p50", "p99", "max"],
            [
                [
                    name,
                    one.count,
                    self.slow(name),
                    *(f"{ns / MS_NS:.1f} ms" for ns in one.percentiles_ns([50, 99, 100])),
                ]
                for name, one in self.latencies.items()
            ],
            ["부하", "표본", "100 ms 초과", "p50", "p99", "최대"],
        )

    def answer(self) -> Prose:
        """Say which p99 shows the stall."""
        closed, opened = self.p99_ms(CLOSED), self.p99_ms(OPEN)
        if closed >= opened:
            return Prose(
                "This time the closed loop's p99 was not lower: too few fast samples hid the "
                "stall.",
                "이번에는 닫힌 루프의 p99가 더 낮지 않았습니다. 빠른 표본이 적어서 멈춤을 가리지 "
                "못했습니다.",
            )
        count = self.latencies[CLOSED].count
        return Prose(
            f"In the open loop **{self.waited():.0f} %** of the messages took longer than 100 ms. "
            f"In the closed loop {self.slow(CLOSED)} of {count:,} did. The closed loop's p99 is "
            f"**{closed:.1f} ms**, and the open loop's is **{opened:.0f} ms**.",
            f"열린 루프에서는 메시지의 **{self.waited():.0f} %**가 100 ms보다 오래 걸렸습니다. "
            f"닫힌 "
            f"루프에서는 {count:,}개 가운데 {self.slow(CLOSED)}개였습니다. 닫힌 루프의 p99는 "
            f"**{closed:.1f} ms**, 열린 루프의 p99는 **{opened:.0f} ms**입니다.",
        )


async def measure(run_s: float, stall_s: float) -> Stalled:
    """Stall the relay once in a closed loop, and once in an open loop."""
    async with served("websocket") as running:
        closed = histogram.from_samples(await _closed_loop(running, run_s, stall_s))
        offered = Load(rate_per_s=RATE_PER_S, duration_s=run_s)
        run, _ = await asyncio.gather(open_loop(running.connect, offered), _stall(running, stall_s))
    reply = run.reply
    return Stalled(
        {CLOSED: closed, OPEN: reply.corrected, UNCORRECTED: reply.uncorrected}, run_s, stall_s
    )


async def _stall(running: ServedTransport, stall_s: float) -> None:
    await asyncio.sleep(1)
    running.relay.stall()
    await asyncio.sleep(stall_s)
    running.relay.resume()


async def _closed_loop(running: ServedTransport, run_s: float, stall_s: float) -> list[int]:
    """Return the RTTs of a client that waits for each reply before its next message, in ns."""
    speaker = await running.connect(ignore)
    await speaker.join("closed loop", "ann")
    stalling = asyncio.ensure_future(_stall(running, stall_s))
    samples: list[int] = []
    end_ns = now_ns() + round(run_s * SECOND_NS)
    while now_ns() < end_ns:
        samples += await round_trips(speaker, "closed loop", incompressible(64, 10))
    await stalling
    await speaker.close()
    return samples
