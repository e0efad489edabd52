"""The figures of messages on a link that loses packets."""

from __future__ import annotations

from lab.measure.figures.extract import percentile
from lab.measure.figures.figure import Figure

EXPERIMENT = "loss"
ONE_WAY_MS = 10
PERCENTS = (0, 1, 5, 15)
"""Packets that are lost in each direction; 0, 5 and 15 as in Gulliksson's study (Umeå 2024)."""
OTHER_ROOM: dict[str, tuple[int, bool]] = {
    "behind_none": (1, False),
    "behind_shared": (1, True),
    "behind_apart": (2, True),
}
"""Measure -> over how many connections two rooms come, and whether one's packet is lost."""

_BEHIND = {
    "behind_none": ("nothing lost", "behind\nnone"),
    "behind_shared": ("a packet of another room lost on the same connection", "same\nconn."),
    "behind_apart": ("a packet of another room lost on another connection", "other\nconn."),
}


def _rtt(percent: int, at: int) -> Figure:
    return Figure(
        f"loss_{percent}_p{at}_ms",
        f"RTT of a message at {percent} % loss, p{at}",
        "ms",
        EXPERIMENT,
        f"rtt_{percent}",
        percentile(at, 1e6),
        column=f"{percent} %\np{at}\n(ms)",
    )


def _behind(measure: str, what: str, column: str) -> Figure:
    return Figure(
        f"{measure}_p50_ms",
        f"one way to the client, {what}, p50",
        "ms",
        EXPERIMENT,
        measure,
        percentile(50, 1e6),
        column=f"{column}\n(ms)",
    )


LOSS: tuple[Figure, ...] = (
    *(_rtt(percent, at) for percent in PERCENTS for at in (50, 99)),
    *(_behind(measure, *texts) for measure, texts in _BEHIND.items()),
)
