"""The claims' document says what the claims say."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from lab.bilingual import Language
from lab.claims import CLAIMS, load
from lab.claims._support.claim import VERDICTS, Claim

ROOT = Path(__file__).resolve().parents[2]
PAGES = {Language.ENGLISH: "claims.md", Language.KOREAN: "claims.ko.md"}
generate = runpy.run_path(str(ROOT / "tools" / "generate.py"))


def page(language: Language) -> str:
    return (ROOT / "docs" / PAGES[language]).read_text(encoding="utf-8")


@pytest.mark.parametrize("language", Language)
def test_the_generated_parts_are_current(language: Language) -> None:
    text = page(language)
    parts = generate["DOCUMENTS"][ROOT / "docs" / PAGES[language]]
    assert generate["render"](text, parts) == text, "run: python tools/generate.py"


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", CLAIMS)
def test_a_claim_has_its_verdict_and_its_reason(name: str, language: Language) -> None:
    claim, text = load(name), page(language)
    (row,) = [line for line in text.splitlines() if line.startswith("|") and f"#{name})" in line]
    assert claim.said.of(language) in row
    assert row.endswith(f"| **{VERDICTS[claim.verdict].of(language)}** |")
    section = text.split(f"### {name}\n", 1)[1].split("\n### ", 1)[0]
    for wanted in (claim.said.korean, *_texts(claim, language)):
        assert wanted in section


def _texts(claim: Claim, language: Language) -> tuple[str, ...]:
    return tuple(text.of(language) for text in (claim.said, claim.experiment, claim.because))


@pytest.mark.parametrize("language", Language)
def test_every_section_is_a_claim(language: Language) -> None:
    assert re.findall(r"^### (.+)$", page(language), re.MULTILINE) == list(CLAIMS)


def test_all_claims_fit_a_table() -> None:
    assert not [name for name in CLAIMS if "|" in str(load(name).said)]
