"""Every sentence of the documents has its row, in both languages, with the claim's verdict."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.bilingual import Language
from lab.claims import CLAIMS, load
from lab.claims._support.claim import VERDICTS
from lab.claims.documents import SENTENCES, Sentence
from tests.claims.korean import is_korean

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = {Language.ENGLISH: "documents.md", Language.KOREAN: "documents.ko.md"}


def page(language: Language) -> str:
    return (DOCS / PAGES[language]).read_text(encoding="utf-8")


def test_every_claim_that_is_no_belief_tests_a_sentence() -> None:
    stated = {name for name in CLAIMS if not load(name).common_belief}
    assert {it.claim for it in SENTENCES} == stated


@pytest.mark.parametrize("language", Language)
def test_every_claim_has_an_anchor_and_its_verdict(language: Language) -> None:
    text = page(language)
    for name in CLAIMS:
        (row,) = [line for line in text.splitlines() if f'<a id="{name}"></a>' in line]
        assert f"**{VERDICTS[load(name).verdict].of(language)}**" in row
        assert f"`lab claims {name}`" in row


def test_each_page_leads_to_the_other() -> None:
    for language, other in zip(Language, reversed(Language), strict=True):
        assert f"]({PAGES[other]})" in page(language)


@pytest.mark.parametrize("sentence", SENTENCES, ids=lambda it: it.claim)
def test_a_sentence_is_in_both_languages(sentence: Sentence) -> None:
    said = sentence.said
    assert said.english.isascii()
    assert is_korean(said.korean)
    assert said.korean.endswith("니다.")
