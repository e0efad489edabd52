"""When a text may be said: by what was delivered, or by the clock alone."""

from __future__ import annotations

import pytest

from lab.load.raw import pace
from lab.load.raw.pace import SECOND_NS, Rate, Window

STARTED_NS = 5 * SECOND_NS
MS = 1_000_000


class Clock:
    """A clock that moves when the test sets it."""

    def __init__(self) -> None:
        self.now_ns = STARTED_NS


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(pace, "now_ns", lambda: made.now_ns)
    return made


def test_a_window_is_moved_by_deliveries_alone() -> None:
    window = Window(16)
    assert [window.allowed(complete) for complete in (0, 1, 40)] == [16, 17, 56]
    assert window.next_s() is None


def test_a_rate_is_kept_whatever_is_delivered(clock: Clock) -> None:
    rate = Rate(1000)
    for late_ns, allowed in ((0, 1), (MS - 1, 1), (MS, 2), (29 * MS, 30)):
        clock.now_ns = STARTED_NS + late_ns
        assert [rate.allowed(complete) for complete in (0, 100)] == [allowed] * 2


def test_the_next_text_is_due_one_gap_after_the_last(clock: Clock) -> None:
    rate = Rate(1000)
    rate.allowed(0)
    assert rate.next_s() == pytest.approx(0.001)
    clock.now_ns += MS // 4
    assert rate.next_s() == pytest.approx(0.00075)


def test_a_rate_begins_when_it_is_first_asked(clock: Clock) -> None:
    rate = Rate(1000)
    clock.now_ns += 50 * MS
    assert rate.allowed(0) == 1
