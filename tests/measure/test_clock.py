"""The clock: monotonic, one time line, and an honest resolution."""

from __future__ import annotations

import subprocess
import sys

from lab.measure import clock


def test_it_never_goes_back() -> None:
    stamps = [clock.now_ns() for _ in range(10_000)]
    assert stamps == sorted(stamps)
    assert all(isinstance(stamp, int) for stamp in stamps)


def test_its_resolution_was_seen_and_is_fine_enough_for_microseconds() -> None:
    assert 1 <= clock.resolution_ns() < 1_000_000


def test_another_process_stands_on_the_same_time_line() -> None:
    before = clock.now_ns()
    code = "from lab.measure.clock import now_ns; print(now_ns())"
    there = int(
        subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout
    )
    assert before < there < clock.now_ns()
