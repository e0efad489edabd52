"""A close packet waits for a late poll: it is taken once, it expires, and the number is bounded."""

from __future__ import annotations

from transports._fallback.closes import KEPT_S, MOST, PendingCloses


def test_a_close_is_taken_once_and_by_its_own_session() -> None:
    closes = PendingCloses()
    assert not closes.take("a", 100.0)
    closes.add("a", 100.0)
    assert not closes.take("b", 100.0)
    assert closes.take("a", 100.0 + KEPT_S / 2)
    assert not closes.take("a", 100.0 + KEPT_S / 2)


def test_a_close_expires() -> None:
    closes = PendingCloses()
    closes.add("a", 100.0)
    assert not closes.take("a", 100.0 + KEPT_S)


def test_new_closes_displace_the_oldest() -> None:
    closes = PendingCloses()
    for number in range(MOST + 1):
        closes.add(str(number), 0.0)
    assert not closes.take("0", 0.0)
    assert all(closes.take(str(number), 0.0) for number in range(1, MOST + 1))
