"""The claim `handshake`: the verdict on invented answers, and its evidence."""

from __future__ import annotations

import pytest

from lab.claims._support.claim import Verdict
from lab.claims.handshake import evidence, judge
from lab.handshakes.answer import After, Answer
from lab.handshakes.survey import Column
from tests.handshakes.factory import KEPT, OPENED, REFUSED, SILENT, column

STRICT = column("strict", {"right": OPENED, "post": REFUSED, "no-key": REFUSED})


def loose(**answers: Answer) -> Column:
    """A server that differs from the strict one in these answers."""
    changed = {name.replace("_", "-"): answer for name, answer in answers.items()}
    return column("loose", {**STRICT.answers, **changed})


def test_it_holds_where_every_wrong_handshake_gets_a_4xx_and_a_close() -> None:
    assert judge([STRICT, STRICT]) is Verdict.HOLDS


@pytest.mark.parametrize(
    "other", [KEPT, SILENT, OPENED, Answer(500, After.CLOSED), Answer(101, After.CLOSED, then=400)]
)
def test_it_depends_where_a_wrong_handshake_gets_another_answer(other: Answer) -> None:
    assert judge([STRICT, loose(post=other)]) is Verdict.DEPENDS


def test_it_does_not_hold_where_no_wrong_handshake_gets_a_4xx_and_a_close() -> None:
    assert judge([loose(post=KEPT, no_key=KEPT)]) is Verdict.DOES_NOT_HOLD


def test_it_does_not_hold_where_the_right_handshake_is_refused() -> None:
    assert judge([STRICT, loose(right=REFUSED)]) is Verdict.DOES_NOT_HOLD


def test_the_evidence_has_the_counts_and_the_answers_without_a_4xx() -> None:
    seen = evidence([STRICT, loose(post=Answer(500, After.CLOSED), no_key=KEPT)])
    told = "\n".join(sentence.english for sentence in seen)
    assert "2 of 2 servers answer the right handshake with 101" in told
    assert "a 4xx and a close for 2 of 4" in told
    assert "POST: 400 closed by strict; 500 closed by loose." in told
    assert "without a 4xx: POST (500 closed by 1)." in told


def test_the_evidence_says_that_every_case_got_a_4xx() -> None:
    told = [sentence.english for sentence in evidence([STRICT])]
    assert "Cases that some servers answer without a 4xx: none." in told
