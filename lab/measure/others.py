"""What other programs used of the CPU: beside a run's passes, to say what disturbed them."""

from __future__ import annotations

import os

import psutil

from lab.measure.clock import now_ns


class OtherLoad:
    """From its making on: the CPU that neither this process nor its children used.

    Children count once they have ended and been waited for. What the kernel does in interrupts is
    nobody's: it is left out, so that the run's own network traffic is not held against others. What
    a hypervisor took away is in it.
    """

    def __init__(self) -> None:
        self._cpus = os.sched_getaffinity(0)
        self._begun_ns = now_ns()
        self._busy_s, self._own_s = self._read()

    def cores(self) -> float:
        """How many of the cores that this process may use others kept busy, on average."""
        busy_s, own_s = self._read()
        others_s = (busy_s - self._busy_s) - (own_s - self._own_s)
        return max(others_s * 1e9 / max(now_ns() - self._begun_ns, 1), 0.0)

    def _read(self) -> tuple[float, float]:
        """Seconds of CPU: of everybody on these cores, and our own."""
        cores = psutil.cpu_times(percpu=True)
        busy = sum(
            each.user + each.nice + each.system + getattr(each, "steal", 0.0)
            for number, each in enumerate(cores)
            if number in self._cpus
        )
        return busy, sum(os.times()[:4])
