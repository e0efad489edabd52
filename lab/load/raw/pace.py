"""Decides when the raw driver says its next text: by deliveries or by time."""

from __future__ import annotations

from typing import Protocol

from lab.measure.clock import now_ns

SECOND_NS = 1_000_000_000


class Pace(Protocol):
    """Decides how many texts of a batch may have been said."""

    def allowed(self, complete: int) -> int:
        """How many texts may have been said when `complete` have been delivered to all."""

    def next_s(self) -> float | None:
        """In how many seconds the next text is due; None: it waits for a delivery."""


class Window:
    """At most `size` messages in flight: a closed loop."""

    def __init__(self, size: int) -> None:
        self._size = size

    def allowed(self, complete: int) -> int:
        return complete + self._size

    def next_s(self) -> float | None:
        return None


class Rate:
    """`per_s` messages per second at equal gaps, whatever is delivered: an open loop.

    It begins at the first call. A selector waits whole milliseconds, so each wake-up sends all
    texts that are due by then.
    """

    def __init__(self, per_s: float) -> None:
        self._per_s = per_s
        self._begun_ns = 0

    def allowed(self, complete: int) -> int:
        self._begun_ns = self._begun_ns or now_ns()
        return 1 + int(self._gaps())

    def next_s(self) -> float | None:
        return (1 - self._gaps() % 1) / self._per_s

    def _gaps(self) -> float:
        return (now_ns() - self._begun_ns) * self._per_s / SECOND_NS
