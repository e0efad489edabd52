"""When records have passed, whichever comes first: their decoding, or their last byte."""

from __future__ import annotations

from lab.page.passing import Passing
from lab.relay.capture import Passed


def test_a_record_has_passed_when_its_last_byte_has() -> None:
    passing = Passing()
    passing.ends(1, "up", 1, 10)
    passing.passed(Passed(1, "up", 100, 4))
    passing.passed(Passed(1, "down", 101, 20))
    assert passing.take() == []
    passing.passed(Passed(1, "up", 105, 8))
    assert passing.take() == [(1, 105)]
    passing.ends(1, "up", 2, 12)
    passing.ends(1, "down", 3, 20)
    assert passing.take() == [(2, 105), (3, 101)]


def test_nothing_is_kept_of_a_connection_that_has_ended() -> None:
    passing = Passing()
    passing.passed(Passed(1, "up", 100, 4))
    passing.closed(1)
    passing.ends(1, "up", 1, 4)
    assert passing.take() == []
