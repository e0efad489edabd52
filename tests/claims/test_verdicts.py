"""Every claim, put to the test on this machine: the verdict is the one that the lab tells.

Where this fails after an update, a library has changed, and what the lab says of it is to be
corrected: the claim's `verdict` and `because`, then `python docs/generate.py`.
"""

from __future__ import annotations

import os

import pytest

from lab.claims import CLAIMS, load
from lab.claims.claim import Verdict
from lab.claims.run import put_to_test


@pytest.mark.parametrize("name", CLAIMS)
async def test_the_verdict_is_the_one_that_is_told(name: str) -> None:
    outcome = await put_to_test(load(name))
    complaint = outcome.complaint(strict=bool(os.environ.get("CI")))
    evidence = "\n".join(outcome.finding.evidence)
    assert complaint is None, f"{complaint}\n{outcome.broke}{evidence}"
    if outcome.finding.verdict is Verdict.NOT_TESTED:
        pytest.skip(evidence)
    assert evidence, "a verdict without evidence"
    assert any(character.isdigit() for character in evidence), "no figure among the evidence"
