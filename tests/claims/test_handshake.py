"""The claim about the handshake: what made-up answers say of it, and how it is told."""

from __future__ import annotations

import pytest

from lab.claims.claim import Verdict
from lab.claims.handshake import evidence, judge
from lab.handshakes.answer import After, Answer
from lab.handshakes.survey import Column
from tests.handshakes.factory import KEPT, OPENED, REFUSED, SILENT, column

STRICT = column("strict", {"right": OPENED, "post": REFUSED, "no-key": REFUSED})


def loose(**answers: Answer) -> Column:
    """A server that differs from the strict one in these answers."""
    changed = {name.replace("_", "-"): answer for name, answer in answers.items()}
    return column("loose", {**STRICT.answers, **changed})


def test_it_holds_where_every_wrong_one_gets_a_4xx_and_the_end() -> None:
    assert judge([STRICT, STRICT]) is Verdict.HOLDS


@pytest.mark.parametrize(
    "other", [KEPT, SILENT, OPENED, Answer(500, After.CLOSED), Answer(101, After.CLOSED, then=400)]
)
def test_it_depends_where_a_wrong_one_meets_anything_else(other: Answer) -> None:
    assert judge([STRICT, loose(post=other)]) is Verdict.DEPENDS


def test_it_does_not_hold_where_none_is_answered_so() -> None:
    assert judge([loose(post=KEPT, no_key=KEPT)]) is Verdict.DOES_NOT_HOLD


def test_it_does_not_hold_where_the_right_one_is_refused() -> None:
    assert judge([STRICT, loose(right=REFUSED)]) is Verdict.DOES_NOT_HOLD


def test_the_counts_and_the_odd_answers_are_told() -> None:
    told = "\n".join(evidence([STRICT, loose(post=Answer(500, After.CLOSED), no_key=KEPT)]))
    assert "101 by 2 of 2 servers" in told
    assert "holds for 2 of 4" in told
    assert "POST: 400 closed by strict; 500 closed by loose." in told
    assert "Without any 4xx: POST (500 closed by 1)." in told


def test_where_nothing_is_odd_that_is_told() -> None:
    assert "Without any 4xx: none." in evidence([STRICT])
