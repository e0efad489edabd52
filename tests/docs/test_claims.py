"""The claims' document says what the claims say."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from lab.claims import CLAIMS, load

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "claims.md").read_text(encoding="utf-8")
generate = runpy.run_path(str(ROOT / "docs" / "generate.py"))
PARTS = generate["DOCUMENTS"][generate["CLAIMED"]]


def test_the_generated_parts_are_current() -> None:
    assert generate["render"](TEXT, PARTS) == TEXT, "run: python docs/generate.py"


@pytest.mark.parametrize("name", CLAIMS)
def test_a_claim_is_told_with_its_verdict_and_its_reason(name: str) -> None:
    claim = load(name)
    (row,) = [line for line in TEXT.splitlines() if line.startswith("|") and f"#{name})" in line]
    assert claim.english in row
    assert row.endswith(f"| **{claim.verdict}** |")
    section = TEXT.split(f"### {name}\n", 1)[1].split("\n### ", 1)[0]
    for wanted in (claim.english, claim.korean, claim.asked, claim.because):
        assert wanted in section


def test_no_claim_is_told_that_is_not_there() -> None:
    assert re.findall(r"^### (.+)$", TEXT, re.MULTILINE) == list(CLAIMS)


def test_all_claims_fit_a_table() -> None:
    assert not [name for name in CLAIMS if "|" in load(name).english]
