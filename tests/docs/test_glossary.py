"""The glossary's data: whole in both languages, and linked on the site."""

from __future__ import annotations

import re

import pytest
from docutils import nodes
from docutils.utils import new_document

from docs.extension.terms import linked, words
from lab.bilingual import Language
from tests.claims.korean import is_korean
from tools import glossary

TERMS = tuple(glossary.terms())
LEARNED = {"핸드셰이크", "전송 방식", "왕복", "메시지 전달", "연결", "하트비트", "업그레이드"}
"""Words that every Korean page uses in the same form."""


def test_every_term_is_whole_in_both_languages(subtests: pytest.Subtests) -> None:
    for term in TERMS:
        with subtests.test(term.words[0]):
            assert term.words
            assert all(is_korean(word) or word.isupper() for word in term.korean if "`" not in word)
            assert is_korean(term.meaning_ko)
            assert re.search(r"니다(\([^)]*\)\)?)?\.$", term.meaning_ko)
            assert term.meaning.isascii() or "…" in term.meaning
            assert term.source


def test_no_word_has_two_meanings() -> None:
    for names in ([t.words for t in TERMS], [t.korean for t in TERMS]):
        flat = [word for each in names for word in each if word != "`seq`"]
        assert sorted(flat) == sorted(set(flat))
    assert len({term.anchor for term in TERMS}) == len(TERMS)


def test_the_words_that_learners_need_are_there() -> None:
    assert {word for term in TERMS for word in term.korean} >= LEARNED


def paragraph(*parts: nodes.Node | str) -> nodes.document:
    document = new_document("page")
    nodes_of = [nodes.Text(part) if isinstance(part, str) else part for part in parts]
    document += nodes.paragraph("", "", *nodes_of)
    return document


def links_of(document: nodes.document) -> dict[str, str]:
    return {one.astext(): one["refuri"] for one in document.findall(nodes.reference)}


def test_the_first_use_of_a_term_is_linked() -> None:
    page = paragraph("Two Round Trips and one round trip; deliveries.", nodes.literal("", "RTT"))
    linked(page, "glossary.html", Language.ENGLISH)
    assert links_of(page) == {"Round Trip": "glossary.html#word-round-trip"}
    assert page.astext() == "Two Round Trips and one round trip; deliveries.RTT"


def test_a_longer_term_goes_before_a_shorter_one_and_everyday_words_stay() -> None:
    page = paragraph("A tuned transport on a transport, in a room.")
    linked(page, "g", Language.ENGLISH)
    assert list(links_of(page)) == ["tuned transport", "transport"]


def test_a_korean_term_is_found_before_a_particle() -> None:
    page = paragraph("전송 방식은 핸드셰이크로 시작합니다.")
    linked(page, "g", Language.KOREAN)
    assert links_of(page) == {"전송 방식": "g#word-transport", "핸드셰이크": "g#word-handshake"}


def test_what_has_a_link_already_gets_no_second_one() -> None:
    page = paragraph(
        nodes.reference("", "handshake", refuri="x"), " ", nodes.title("", "handshake")
    )
    linked(page, "g", Language.ENGLISH)
    assert links_of(page) == {"handshake": "x"}


@pytest.mark.parametrize("language", Language)
def test_a_word_of_everyday_use_is_not_linked(language: Language) -> None:
    _, by_word = words(language)
    assert by_word
    assert all(term.link for term in by_word.values())
