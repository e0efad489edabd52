"""The figures of a storm: the clients of a server come back after it was killed and started again.

A client's back-off is the pause before each of its attempts: always the same, or with full jitter a
random one up to that.
"""

from __future__ import annotations

from typing import NamedTuple

from lab.measure.figures.counts import Counts
from lab.measure.figures.extract import Extract, cpu_ms_per_operation, detail_at, percentile
from lab.measure.figures.figure import Figure

EXPERIMENT = "storm"
SPAN_MS = 100
"""The server's CPU is the highest share of a core in any span of this length."""


class BackOff(NamedTuple):
    """The pause of a client before each attempt. `window_ms`: the longest one."""

    window_ms: int
    jitter: bool

    @property
    def short(self) -> str:
        """In the head of a column."""
        if not self.window_ms:
            return "no pause"
        return f"{'0 to ' if self.jitter else ''}{self.window_ms / 1000:g} s"

    @property
    def title(self) -> str:
        """In a sentence, after "with"."""
        if not self.window_ms:
            return "no pause"
        seconds = f"{self.window_ms / 1000:g} s"
        return f"a random pause up to {seconds}" if self.jitter else f"a pause of {seconds}"

    def pause_s(self, chance: float) -> float:
        """The pause in seconds, for a random number from 0 to 1."""
        return self.window_ms / 1000 * (chance if self.jitter else 1)


BACK_OFFS = {
    "at_once": BackOff(0, jitter=False),
    "fixed_500": BackOff(500, jitter=False),
    "jitter_500": BackOff(500, jitter=True),
    "fixed_2000": BackOff(2000, jitter=False),
    "jitter_2000": BackOff(2000, jitter=True),
}
"""Measure -> what the clients do before they try again."""
CALM = "jitter_2000"
"""The measure from which the costs that no back-off changes are taken."""


def _ended_after(counts: Counts) -> float | None:
    return percentile(100, 1e9)(counts)


def _failed(counts: Counts) -> float | None:
    failed = detail_at("failed_attempts")(counts)
    return None if failed is None or not counts.operations else failed / counts.operations


def _busiest(counts: Counts) -> float | None:
    share = detail_at("busiest_share")(counts)
    return None if share is None else 100 * share


def _down(counts: Counts) -> float | None:
    ns = detail_at("down_ns")(counts)
    return None if ns is None else ns / 1e9


def _figure(key: str, title: str, unit: str, measure: str, extract: Extract, column: str) -> Figure:
    return Figure(
        f"storm_{key}",
        title,
        unit,
        EXPERIMENT,
        measure,
        extract,
        ratio=False,
        counted=True,
        column=column,
    )


def _each(key: str, title: str, unit: str, extract: Extract, column: str) -> tuple[Figure, ...]:
    """One quantity, by back-off."""
    return tuple(
        _figure(
            f"{measure}_{key}",
            f"{title}, with {back_off.title}",
            unit,
            measure,
            extract,
            f"{column}\n{back_off.short}",
        )
        for measure, back_off in BACK_OFFS.items()
    )


STORM: tuple[Figure, ...] = (
    _figure("down_s", "from the kill until the server listens", "s", CALM, _down, "down\n(s)"),
    _figure(
        "cpu_ms",
        "server CPU for each client that comes back",
        "ms",
        CALM,
        cpu_ms_per_operation,
        "CPU each\n(ms)",
    ),
    *_each("all_s", "from the kill until all are in their rooms", "s", _ended_after, "all in (s)"),
    *_each("busiest", f"server CPU in its busiest {SPAN_MS} ms", "%", _busiest, "busiest (%)"),
    *_each("failed", "failed attempts of a client", "", _failed, "failed"),
)
