"""Compares two transports of one run, pass by pass, and says which figures take no part."""

from __future__ import annotations

import zlib

from lab.measure import stats
from lab.measure.figures import BY_KEY, Figure
from lab.measure.replicas import original
from lab.measure.stats import Comparison
from lab.record.run import Run

NO_SOCKET = "loopback"
"""The transport without a socket. It shows what the harness itself costs."""


def against(run: Run, key: str, transport: str, other: str) -> Comparison | None:
    """Compare a figure of two transports, over the passes that have both.

    None if the run lacks one of them, or if the figure has no ratios.
    """
    figure = BY_KEY.get(key)
    if figure is None or not figure.ratio or mark(run, transport, figure):
        return None
    return paired(run, transport, figure, other)


def paired(run: Run, transport: str, figure: Figure, other: str) -> Comparison | None:
    """The ratio of a transport to another one; None if no pass has both, or one takes no part."""
    if mark(run, other, figure):
        return None
    ours, theirs = run.values(transport, figure), run.values(other, figure)
    both = sorted(ours.keys() & theirs.keys())
    if not both or any(values[index] <= 0 for values in (ours, theirs) for index in both):
        return None
    return stats.paired_ratio(
        [ours[index] for index in both],
        [theirs[index] for index in both],
        lower_is_better=figure.lower_is_better,
        seed=seed(run, transport, figure),
    )


def mark(run: Run, transport: str, figure: Figure) -> str | None:
    """Why this figure takes no part in ratios; None if it does.

    One bad pass is enough. To choose only the good passes would make the transport look better than
    it is.
    """
    readings = run.readings(transport, figure)
    if not readings:
        return "not measured"
    if lost := sum(each.lost for each in readings):
        return f"void (lost {lost})"
    if any(each.void for each in readings):
        return "void"
    if figure.load_bound and any(each.saturated in ("load", "both") for each in readings):
        return "load-bound"
    if caveat := next((each.caveat for each in readings if each.caveat), None):
        return caveat
    return "no socket" if original(transport) == NO_SOCKET else None


def seed(run: Run, transport: str, figure: Figure) -> int:
    """Seed each interval's random numbers, so that the same run gives the same interval."""
    return zlib.crc32(f"{run.info.seed} {transport} {figure.key}".encode())
