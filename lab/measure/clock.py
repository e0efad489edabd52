"""The clock of every measurement.

All times are integer nanoseconds, so a duration is exact: no float rounds it.
"""

from __future__ import annotations

import itertools
import time

# perf_counter is monotonic, so no NTP step makes a duration negative. It has the system's finest
# resolution. On Linux it is CLOCK_MONOTONIC, which all processes of the machine share. So times of
# the server and of the load may be subtracted from each other.
now_ns = time.perf_counter_ns
"""Now, in nanoseconds since an arbitrary origin. Only differences have a meaning."""

_PROBES = 10_000


def resolution_ns() -> int:
    """The smallest observed step of this clock, in ns; at least 1.

    `time.get_clock_info` can't be used: it gives the unit of the system call (1 ns), even if the
    hardware counter ticks more slowly.
    """
    stamps = [now_ns() for _ in range(_PROBES)]
    steps = (later - earlier for earlier, later in itertools.pairwise(stamps))
    return min((step for step in steps if step > 0), default=1)
