"""Finds the busiest moment of a process: its highest CPU share in any span of a given length."""

from __future__ import annotations

import threading
from collections import deque
from types import TracebackType
from typing import Self

from lab.measure.clock import now_ns
from lab.measure.process import cpu_ns

READ_EVERY_S = 0.01


class Busiest:
    """Reads the CPU time of a process while this context is open.

    A thread reads it, so that an event loop without time to spare does not delay the readings. A
    late reading makes a span longer, not wrong.
    """

    def __init__(self, pid: int, span_ns: int) -> None:
        self._pid = pid
        self._span_ns = span_ns
        self._readings: deque[tuple[int, int]] = deque()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.share: float | None = None
        """Of one core; None if the process ended, or the context, within a span."""

    def __enter__(self) -> Self:
        self._read()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopped.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stopped.wait(READ_EVERY_S) and self._read():
            pass
        self._read()

    def _read(self) -> bool:
        """Take a reading, and drop those that no later span needs. False: the process is gone."""
        try:
            self._readings.append((now_ns(), cpu_ns(self._pid)))
        except ProcessLookupError:
            return False
        end_ns, end_cpu = self._readings[-1]
        while len(self._readings) > 1 and end_ns - self._readings[1][0] >= self._span_ns:
            self._readings.popleft()
        begun_ns, begun_cpu = self._readings[0]
        if end_ns - begun_ns >= self._span_ns:
            share = (end_cpu - begun_cpu) / (end_ns - begun_ns)
            self.share = max(share, self.share or 0.0)
        return True
