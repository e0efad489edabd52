"""The lesson of 08_load: the rate at which a room's latency leaves its bound."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from lab.load.open_loop.knee import P99_BOUND_NS, Bracket, Knee, sweep
from lab.load.open_loop.load import Load
from lab.notebook.guess import Expected
from lab.notebook.pictures import Chart, Picture, Points, charts
from lab.notebook.prose import Prose
from lab.notebook.served_transport import served

MS_NS = 1_000_000
MEMBERS = 4
START_PER_S = 100

DELIVERIES = Expected(
    1600,
    "Every member receives every message, the speaker too.",
    "말한 사람을 포함해 모든 멤버가 모든 메시지를 받습니다.",
    within=0,
)
BACKLOG_S = Expected(
    1,
    "How many messages wait at the end, and how many a second can the server do?",
    "마지막에 기다리는 메시지는 몇 개이고, 서버는 1초에 몇 개를 처리합니까?",
    within=0.1,
)

LIMITS = {
    "knee": Prose("the knee", "한계점"),
    "load": Prose("where the load was the limit", "부하를 만드는 쪽의 한계"),
    "ceiling": Prose("the highest rate tried", "시도한 가장 높은 속도"),
}
"""Why the search ended -> what the rate is."""
NONE_HELD = Prose("no rate held", "견딘 속도 없음")


@dataclass(frozen=True)
class Knees:
    """Transport -> its knee, with all steps of the search."""

    knees: Mapping[str, Knee]

    def held(self) -> dict[str, float | None]:
        """Transport -> the highest rate held, in messages a second; None if none was."""
        return {name: knee.rate_per_s for name, knee in self.knees.items()}

    def picture(self) -> Picture:
        """Draw p50 and p99 over the offered rate."""
        bound = (P99_BOUND_NS / MS_NS, f"bound: {P99_BOUND_NS / MS_NS:.0f} ms")
        return charts(
            [self._chart("p50", "p50_ns", None), self._chart("p99", "p99_ns", bound)],
            " · ".join(
                f"{name} held {f'{rate:.0f}/s' if rate else 'no rate'}"
                for name, rate in self.held().items()
            ),
            f"room of {MEMBERS}, open loop, timed from the intended send; logarithmic scales\n"
            "the last point of a curve is the first rate that was not held",
        )

    def _chart(
        self, title: str, field: Literal["p50_ns", "p99_ns"], bound: tuple[float, str] | None
    ) -> Chart:
        y = "until the last member has it, in ms"
        series = {name: _curve(knee, field) for name, knee in self.knees.items()}
        return Chart("offered messages/s", y, series, title, log="xy", bound=bound)

    def answer(self) -> Prose:
        """Say where each search ended, and why."""
        pairs = [
            (name, knee, LIMITS.get(knee.limit, NONE_HELD)) for name, knee in self.knees.items()
        ]
        return Prose(
            "\n".join(f"- `{name}`: {knee.why} ({why})" for name, knee, why in pairs),
            "\n".join(f"- `{name}`: {_per_s(knee)} ({why.korean})" for name, knee, why in pairs),
        )


async def measure(transports: Sequence[str], ceiling_per_s: int) -> Knees:
    """Double the rate of each transport until it is not held, or the ceiling is reached."""
    room = Load(
        rate_per_s=START_PER_S, duration_s=1, members_per_room=MEMBERS, senders=MEMBERS, drain_s=2
    )
    bracket = Bracket(
        start_per_s=START_PER_S, floor_per_s=START_PER_S, ceiling_per_s=ceiling_per_s, tolerance=1
    )
    knees = {}
    for name in transports:
        async with served(name) as running:
            knees[name] = await sweep(running.direct, room, bracket, server_pid=running.server.pid)
    return Knees(knees)


def _per_s(knee: Knee) -> str:
    return f"초당 {knee.rate_per_s:,.0f}개" if knee.rate_per_s else "견딘 속도가 없습니다"


def _curve(knee: Knee, field: Literal["p50_ns", "p99_ns"]) -> Points:
    """Return offered rates and latencies in ms, for the rates at which anything arrived."""
    steps = [(step.rate_per_s, getattr(step, field)) for step in knee.steps]
    pairs = [(rate, ns / MS_NS) for rate, ns in steps if ns is not None]
    return [rate for rate, _ in pairs], [ms for _, ms in pairs]
