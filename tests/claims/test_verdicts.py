"""Run the experiment of every claim on this machine and compare the verdict with the expected one.

If this fails after an update, a library has changed. Then correct what the lab says about it:
the claim's `verdict` and `because`; then run `python tools/generate.py`.
"""

from __future__ import annotations

import os
import re

import pytest

from lab.claims import CLAIMS, load
from lab.claims._support.claim import Verdict
from lab.claims._support.run import put_to_test
from tests.claims.korean import is_korean
from tests.interop.conftest import may_lack


def _must_test(reason: str) -> bool:
    """Whether an experiment that did not run is a fault: in CI, unless CI may lack what it needs.

    `reason`: why it did not run, or what it found.
    """
    return bool(os.environ.get("CI")) and not any(part in reason for part in may_lack())


@pytest.mark.parametrize("name", CLAIMS)
async def test_the_verdict_is_the_expected_one(name: str) -> None:
    outcome = await put_to_test(load(name))
    complaint = outcome.complaint(strict=_must_test(outcome.finding.in_short.english))
    sentences = (outcome.finding.in_short, *outcome.finding.evidence)
    evidence = "\n".join(sentence.english for sentence in outcome.finding.evidence)
    assert complaint is None, f"{complaint}\n{outcome.traceback}{evidence}"
    if outcome.finding.verdict is Verdict.NOT_TESTED:
        pytest.skip(evidence)
    assert evidence, "a verdict without evidence"
    assert any(character.isdigit() for character in evidence), "no figure among the evidence"
    assert re.search(r"\d", outcome.finding.in_short.english), "no figure in the short evidence"
    untranslated = [it.korean for it in sentences if not is_korean(it.korean)]
    assert untranslated == []
