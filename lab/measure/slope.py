"""How time grows with the round-trip time of the network: the slope counts round trips. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from scipy import stats


class Slope(msgspec.Struct, frozen=True):
    """Time = `base_ns` + `round_trips` x RTT; `low` and `high` bound the slope at 95 %."""

    round_trips: float
    low: float
    high: float
    base_ns: float


def fit(samples_ns: Mapping[int, Sequence[int]]) -> Slope:
    """Fit a line to durations by the RTT (ns) under which they were taken.

    Theil and Sen's estimator: the median of the slopes between all pairs, so that a sample that
    the machine disturbed does not tilt the line.

    Raises:
        ValueError: fewer than two different RTTs, or one without samples.
    """
    if len(samples_ns) < 2 or not all(samples_ns.values()):
        raise ValueError("a slope needs samples at two round-trip times at least")
    rtts = [rtt for rtt, samples in samples_ns.items() for _ in samples]
    times = [time for samples in samples_ns.values() for time in samples]
    found = stats.theilslopes(times, rtts, 0.95)
    return Slope(
        round_trips=float(found.slope),
        low=float(found.low_slope),
        high=float(found.high_slope),
        base_ns=float(found.intercept),
    )
