"""The six questions and the answers to them."""

from __future__ import annotations

import msgspec

from lab.bilingual import same
from lab.choose.cases import CASES
from lab.choose.needs import FIELDS, QUESTIONS, Choice, Needs, described, listed


def test_six_questions_ask_for_every_need_once() -> None:
    assert len(QUESTIONS) == 6
    assert list(FIELDS) == [field.name for field in msgspec.structs.fields(Needs)]


def test_every_default_and_every_case_is_a_possible_answer() -> None:
    for needs in (Needs(), *(case.needs for case in CASES)):
        for name, field in FIELDS.items():
            value = getattr(needs, name)
            if isinstance(field, Choice):
                assert set(value if field.several else (value,)) <= set(field.options)
            else:
                assert field.optional if value is None else field.low <= value <= field.high


def test_the_needs_are_described_in_one_line() -> None:
    said = described(Needs(features=("rooms", "acks"), bundle_kb=10, members=1_000))
    assert said.korean.startswith("서버: Node; 클라이언트: 브라우저의 페이지;")
    assert "필요한 것: 방, 수신 확인" in said.korean
    text = said.english
    assert text.startswith("server: Node; clients: pages in a browser;")
    assert "members of a room: 1,000" in text
    assert "needed: rooms and acknowledgements" in text
    assert "limit of the client's code in kB: 10" in text
    assert "limit until" not in text
    assert "needed: nothing" in described(Needs()).english


def test_words_are_joined_as_a_sentence_does_it() -> None:
    words = [same("a"), same("b"), same("c")]
    found = [listed(words[:many]) for many in range(4)]
    assert [one.english for one in found] == ["", "a", "a and b", "a, b and c"]
    assert [one.korean for one in found] == ["", "a", "a, b", "a, b, c"]
