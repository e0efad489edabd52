"""The one clock of every measurement: below the load loops, which stamp their operations with it.

Everything is integer nanoseconds, so that a duration is an exact difference and no float rounds it.
"""

from __future__ import annotations

import itertools
import time

# perf_counter is monotonic (no NTP step can make a duration negative), has the finest resolution
# the system offers, and on Linux is CLOCK_MONOTONIC: one time line shared by all processes of the
# machine, so that stamps of the server and of the load may be subtracted from each other.
now_ns = time.perf_counter_ns
"""Now, in nanoseconds since an arbitrary origin; only differences mean something."""

_PROBES = 10_000


def resolution_ns() -> int:
    """The smallest step this clock was seen to take, in ns; at least 1.

    It is observed and not taken from `time.get_clock_info`, which states the unit of the system
    call (1 ns) even where the hardware counter behind it ticks more slowly.
    """
    stamps = [now_ns() for _ in range(_PROBES)]
    steps = (later - earlier for earlier, later in itertools.pairwise(stamps))
    return min((step for step in steps if step > 0), default=1)
