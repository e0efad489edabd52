"""The figures of cost: what a delivery costs the server, and whose each part of it is.

The parts are what is left when costs are taken from each other, so that they may be zero or below:
no ratio is taken of them. They add up to the whole pass by pass; their medians need not.
"""

from __future__ import annotations

from lab.measure.decomposition import NAMES
from lab.measure.figures.cost import cpu_us_per_delivery
from lab.measure.figures.extract import Extract, detail_at
from lab.measure.figures.figure import Counts, Figure

WINDOWS = (1, 16)
"""Messages in flight."""
TITLES = {
    "network": "network floor",
    "chat": "chat logic",
    "protocol": "protocol",
    "library": "library",
}
"""Part -> what it is called."""


def _in_us(*path: str) -> Extract:
    at = detail_at(*path)

    def extract(counts: Counts) -> float | None:
        ns = at(counts)
        return None if ns is None else ns / 1e3

    return extract


def _together(counts: Counts) -> float | None:
    return detail_at("deliveries_per_read", counts.wire)(counts)


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
            lower_is_better=key != "together",
            column=f"{window} in flight:\n{column}",
        )

    return (
        figure("whole_us", "server CPU per delivery", "µs", "whole µs", cpu_us_per_delivery),
        *(
            figure(part, f"of it {TITLES[part]}", "µs", TITLES[part], _in_us("parts_ns", part))
            for part in NAMES
        ),
        figure("together", "deliveries that came in one piece", "", "in a piece", _together),
    )


DECOMPOSITION: tuple[Figure, ...] = tuple(each for window in WINDOWS for each in _apart(window))
