"""Goodbyes that wait for a late poll: once, for a while, and not more of them than so many."""

from __future__ import annotations

from transports._fallback_goodbyes import KEPT_S, MOST, Goodbyes


def test_a_goodbye_is_taken_once_and_by_its_own_session() -> None:
    goodbyes = Goodbyes()
    assert not goodbyes.take("a", 100.0)
    goodbyes.owe("a", 100.0)
    assert not goodbyes.take("b", 100.0)
    assert goodbyes.take("a", 100.0 + KEPT_S / 2)
    assert not goodbyes.take("a", 100.0 + KEPT_S / 2)


def test_it_does_not_wait_for_ever() -> None:
    goodbyes = Goodbyes()
    goodbyes.owe("a", 100.0)
    assert not goodbyes.take("a", 100.0 + KEPT_S)


def test_the_oldest_are_forgotten_for_those_who_come() -> None:
    goodbyes = Goodbyes()
    for number in range(MOST + 1):
        goodbyes.owe(str(number), 0.0)
    assert not goodbyes.take("0", 0.0)
    assert all(goodbyes.take(str(number), 0.0) for number in range(1, MOST + 1))
