"""The figures of cost: what a delivery costs the server, and its parts.

The parts are differences of costs, so they may be zero or negative. Therefore they have no ratios.
In each pass they add up to the whole; their medians need not.
"""

from __future__ import annotations

from lab.measure.decomposition import NAMES
from lab.measure.figures.counts import Counts
from lab.measure.figures.extract import Extract, cpu_us_per_delivery, detail_at, in_us
from lab.measure.figures.figure import Figure

WINDOWS = (1, 16)
"""Messages in flight."""
TITLES = {
    "network": "network",
    "chat": "chat logic",
    "protocol": "protocol",
    "library": "library",
}
"""Part -> its title."""


def _per_write(counts: Counts) -> float | None:
    return detail_at("messages_per_write", counts.transport)(counts)


def _apart(window: int) -> tuple[Figure, ...]:
    flight = "one in flight" if window == 1 else f"{window} in flight"

    def figure(key: str, title: str, unit: str, column: str, extract: Extract) -> Figure:
        return Figure(
            f"apart_{key}_{window}",
            f"{title}, room of 100, {flight}",
            unit,
            "cost",
            f"apart_{window}",
            extract,
            room_size=100,
            ratio=key == "whole_us",
            lower_is_better=key != "per_write",
            column=f"{window} in flight:\n{column}",
        )

    return (
        figure("whole_us", "server CPU per delivery", "µs", "whole µs", cpu_us_per_delivery),
        *(
            figure(part, f"of it {TITLES[part]}", "µs", TITLES[part], in_us("parts_ns", part))
            for part in NAMES
        ),
        figure("per_write", "messages in one write or poll", "", "a write", _per_write),
    )


DECOMPOSITION: tuple[Figure, ...] = tuple(each for window in WINDOWS for each in _apart(window))
