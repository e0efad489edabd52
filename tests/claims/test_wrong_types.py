"""Which answers make the claim `wrong-types` hold."""

from __future__ import annotations

import pytest

from lab.claims._support.claim import Verdict
from lab.claims.wrong_types import HEADERS, Answered, count, judge
from tests.handshakes.factory import OPENED, REFUSED, column

GOOD, BAD = Answered("a", {"400 closed": 2, "426 kept": 1}), Answered("a", {"500 kept": 1})


@pytest.mark.parametrize(
    ("answered", "verdict"),
    [
        ([GOOD], Verdict.HOLDS),
        ([GOOD, BAD], Verdict.DEPENDS),
        ([Answered("a", {"400 kept": 1, "101 kept": 1})], Verdict.DEPENDS),
        ([BAD], Verdict.DOES_NOT_HOLD),
    ],
)
def test_the_verdict_follows_from_the_answers(answered: list[Answered], verdict: Verdict) -> None:
    assert judge(answered) is verdict


def test_only_servers_that_let_the_right_handshake_in_count() -> None:
    wrong = dict.fromkeys(HEADERS, REFUSED)
    good, closed = column("a", {"right": OPENED, **wrong}), column("b", {"right": REFUSED, **wrong})
    found = count([good, closed])
    assert [it.case for it in found] == [*HEADERS]
    assert {(it.refused, it.servers) for it in found} == {(1, 1)}
