"""When a text may be said: by what was delivered, or by the clock alone."""

from __future__ import annotations

import time

from lab.load.raw.pace import Rate, Window


def test_a_window_is_moved_by_deliveries_alone() -> None:
    window = Window(16)
    assert [window.allowed(complete) for complete in (0, 1, 40)] == [16, 17, 56]
    assert window.next_s() is None


def test_a_rate_is_kept_whatever_is_delivered() -> None:
    rate = Rate(1000)
    assert rate.allowed(0) >= 1
    begun = time.perf_counter()
    while rate.allowed(0) < 30:
        wait_s = rate.next_s()
        assert wait_s is not None
        assert 0 < wait_s <= 0.001
        time.sleep(wait_s)
    assert time.perf_counter() - begun > 0.028
    assert rate.allowed(0) <= 2 + (time.perf_counter() - begun) * 1000


def test_a_rate_begins_when_it_is_first_asked() -> None:
    rate = Rate(1000)
    time.sleep(0.05)
    assert rate.allowed(0) < 50
