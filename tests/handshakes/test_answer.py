"""One answer: its short form in a table, and whether it follows the rule of the tutorials."""

from __future__ import annotations

import pytest

from lab.handshakes.answer import SHOWN, After, Answer, first_line

TOLD = {
    "400 closed": (Answer(400, After.CLOSED), True, True),
    "499 closed": (Answer(499, After.CLOSED), True, True),
    "500 closed": (Answer(500, After.CLOSED), True, False),
    "400 kept": (Answer(400, After.KEPT), True, False),
    "400 deaf": (Answer(400, After.DEAF), True, False),
    "400 closed, 2 left": (Answer(400, After.CLOSED, left=2), True, True),
    "400 closed, none left": (Answer(400, After.CLOSED, left=0), True, True),
    "101 kept": (Answer(101, After.KEPT), False, False),
    "200 kept": (Answer(200, After.KEPT), False, False),
    "101 then 400 closed": (Answer(101, After.CLOSED, then=400), True, False),
    "silence": (Answer(None, After.DEAF), True, False),
    "hung up": (Answer(None, After.CLOSED), True, False),
    "no HTTP closed": (Answer(None, After.CLOSED, body="220 ready"), True, False),
}


@pytest.mark.parametrize("told", TOLD)
def test_an_answer_in_short(told: str) -> None:
    answer, refused, by_the_documents = TOLD[told]
    assert str(answer) == told.removesuffix(", none left")
    assert answer.refused == refused
    assert answer.by_the_documents == by_the_documents


def test_the_first_line_of_a_body_is_shown() -> None:
    assert first_line(b"\r\n no \r\nway") == "no"
    assert first_line(b"") == ""
    assert first_line(b"\xff\0\x1b[31m").isprintable()
    assert first_line(b"x" * 1000) == "x" * (SHOWN - 1) + "…"
