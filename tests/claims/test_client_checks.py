"""The claim `client-checks`: the accept value, and which clients count as checking it."""

from __future__ import annotations

from lab.claims._support.claim import Verdict
from lab.claims.client_checks import MISSING, RIGHT, SAMPLE_ACCEPT, WRONG, Check, accept_of, judge

GOOD = Check("a", {RIGHT: True, WRONG: False, MISSING: False})
LOOSE = Check("b", {RIGHT: True, WRONG: True, MISSING: False})
CLOSED = Check("c", {RIGHT: False, WRONG: False, MISSING: False})


def test_the_accept_value_is_that_of_the_rfcs_sample() -> None:
    assert accept_of("dGhlIHNhbXBsZSBub25jZQ==") == SAMPLE_ACCEPT


def test_a_client_checks_if_it_takes_the_right_answer_only() -> None:
    assert GOOD.checks
    assert not LOOSE.checks
    assert not CLOSED.checks


def test_the_verdict_follows_from_the_clients() -> None:
    assert judge([GOOD, GOOD]) is Verdict.HOLDS
    assert judge([GOOD, LOOSE]) is Verdict.DEPENDS
    assert judge([LOOSE, CLOSED]) is Verdict.DOES_NOT_HOLD
