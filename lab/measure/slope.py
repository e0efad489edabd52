"""Fits time against the network's round-trip time. The slope counts round trips."""

from __future__ import annotations

__pure__ = True

from collections.abc import Mapping, Sequence

import msgspec
import scipy


class Slope(msgspec.Struct, frozen=True):
    """Time = `base_ns` + `round_trips` x RTT. `low` and `high` bound the slope at 95 %."""

    round_trips: float
    low: float
    high: float
    base_ns: float

    def contradicts(self, counts: Sequence[int], tolerance: float) -> bool:
        """Whether all `counts` are beyond `tolerance` of the slope and beyond its interval.

        A slope between two counts is of handshakes that need now one and now the other number.
        Other programs that take the CPU make the interval wide. Then the clock shows nothing.
        """
        fewest, most = min(counts), max(counts)
        near = fewest - tolerance <= self.round_trips <= most + tolerance
        return not near and (self.high < fewest or most < self.low)


def fit(samples_ns: Mapping[int, Sequence[int]]) -> Slope:
    """Fit a line to durations, keyed by the RTT (ns) under which they were measured.

    Uses Theil and Sen's estimator: the median of the slopes between all pairs. So a disturbed
    sample does not tilt the line.

    Raises:
        ValueError: there are fewer than two different RTTs, or one without samples.
    """
    if len(samples_ns) < 2 or not all(samples_ns.values()):
        raise ValueError("a slope needs samples at two round-trip times at least")
    rtts = [rtt for rtt, samples in samples_ns.items() for _ in samples]
    times = [time for samples in samples_ns.values() for time in samples]
    found = scipy.stats.theilslopes(times, rtts, 0.95)
    return Slope(
        round_trips=float(found.slope),
        low=float(found.low_slope),
        high=float(found.high_slope),
        base_ns=float(found.intercept),
    )
