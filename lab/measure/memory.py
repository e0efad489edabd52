"""Reads the memory of a process after it has settled.

Just after a burst of work a process still allocates and releases memory. The reading waits until
that has stopped.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from lab.measure.process import rss_bytes

INTERVAL_S = 0.2
ALIKE = 0.002
"""Readings that differ by at most this share count as equal."""
IN_A_ROW = 3
PATIENCE_S = 15.0


class UnsettledError(RuntimeError):
    """The memory kept changing."""


def settled_rss_bytes(
    pid: int,
    patience_s: float = PATIENCE_S,
    read: Callable[[int], int] = rss_bytes,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Resident memory of the process, once `IN_A_ROW` readings are equal.

    Raises UnsettledError if they are not within `patience_s`, ProcessLookupError if the process is
    gone.
    """
    readings = [read(pid)]
    for _ in range(round(patience_s / INTERVAL_S)):
        sleep(INTERVAL_S)
        readings = [*readings, read(pid)][-IN_A_ROW:]
        if len(readings) == IN_A_ROW and max(readings) - min(readings) <= ALIKE * max(readings):
            return readings[-1]
    raise UnsettledError(f"the memory of process {pid} did not settle within {patience_s:g} s")
