"""A reading of memory waits for the memory to settle, and not for ever."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from lab.measure.memory import INTERVAL_S, UnsettledError, settled_rss_bytes

PID = 1


def settled(readings: Iterator[int], patience_s: float = 10) -> tuple[int, float]:
    """What is read of a process with these readings, and after how long."""
    slept: list[float] = []
    found = settled_rss_bytes(PID, patience_s, lambda _: next(readings), slept.append)
    return found, sum(slept)


def test_three_readings_alike_are_settled() -> None:
    found, seconds = settled(iter([1_000_000, 2_000_000, 3_000_000, 3_000_100, 3_000_200]))
    assert found == 3_000_200
    assert seconds == pytest.approx(4 * INTERVAL_S)


def test_slow_growth_is_not_settled() -> None:
    growing = (int(1_000_000 * 1.0015**n) for n in range(1000))
    with pytest.raises(UnsettledError, match="did not settle within 10 s"):
        settled(growing)


def test_this_process_has_memory_that_settles() -> None:
    assert settled_rss_bytes(os.getpid()) > 1_000_000
