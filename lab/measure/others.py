"""Measures the CPU that other programs use, to report what disturbed a pass."""

from __future__ import annotations

import os

import psutil

from lab.measure.clock import now_ns


class OtherLoad:
    """Measures, from its creation on, the CPU that neither this process nor its children used.

    A child counts after it has ended and been waited for. The kernel's work in interrupts is left
    out, because it includes the run's own network traffic. Time that a hypervisor took away is
    counted.
    """

    def __init__(self) -> None:
        self._cpus = os.sched_getaffinity(0)
        self._begun_ns = now_ns()
        self._busy_s, self._own_s = self._read()

    def cores(self) -> float:
        """How many cores other programs kept busy on average, of those this process may use."""
        busy_s, own_s = self._read()
        others_s = (busy_s - self._busy_s) - (own_s - self._own_s)
        return max(others_s * 1e9 / max(now_ns() - self._begun_ns, 1), 0.0)

    def _read(self) -> tuple[float, float]:
        """Seconds of CPU: of all processes on these cores, and of our own."""
        cores = psutil.cpu_times(percpu=True)
        busy = sum(
            each.user + each.nice + each.system + getattr(each, "steal", 0.0)
            for number, each in enumerate(cores)
            if number in self._cpus
        )
        return busy, sum(os.times()[:4])
