"""A claim put to the test: what it finds, and what becomes of an experiment that breaks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from lab.claims.claim import Claim, Finding, NotTestable, Verdict
from lab.claims.run import Outcome, put_to_test
from transports.registry import UnavailableError


def claim(test: Callable[[], Awaitable[Finding]], verdict: Verdict = Verdict.HOLDS) -> Claim:
    return Claim("moon", "It is cheese.", "달은 치즈다.", "Tastes it.", verdict, "It is not.", test)


def finds(verdict: Verdict) -> Callable[[], Awaitable[Finding]]:
    async def test() -> Finding:
        return Finding(verdict, ("3 of 3 bites tasted of stone",))

    return test


def raises(error: Exception) -> Callable[[], Awaitable[Finding]]:
    async def test() -> Finding:
        raise error

    return test


async def test_what_an_experiment_finds_is_its_outcome() -> None:
    outcome = await put_to_test(claim(finds(Verdict.HOLDS)))
    assert outcome.finding.verdict is Verdict.HOLDS
    assert outcome.finding.evidence == ("3 of 3 bites tasted of stone",)
    assert outcome.took_s >= 0
    assert outcome.complaint(strict=True) is None


async def test_another_verdict_than_the_expected_one_is_complained_of() -> None:
    outcome = await put_to_test(claim(finds(Verdict.DOES_NOT_HOLD)))
    assert outcome.complaint(strict=False) == "moon: expected holds, found does not hold"


@pytest.mark.parametrize("missing", [NotTestable("no rocket"), UnavailableError("no rocket")])
async def test_what_cannot_be_tested_here_is_complained_of_only_if_strict(
    missing: Exception,
) -> None:
    outcome = await put_to_test(claim(raises(missing)))
    assert outcome.finding == Finding(Verdict.NOT_TESTED, ("no rocket",))
    assert outcome.complaint(strict=False) is None
    assert outcome.complaint(strict=True) == "moon: no rocket"


async def test_an_experiment_that_breaks_is_always_complained_of() -> None:
    outcome = await put_to_test(claim(raises(ConnectionResetError("by the moon"))))
    assert outcome.finding.verdict is Verdict.NOT_TESTED
    said = "moon: the experiment failed: ConnectionResetError: by the moon"
    assert outcome.complaint(strict=False) == said
    assert "in test" in outcome.broke


async def test_an_experiment_is_not_waited_for_for_ever() -> None:
    async def test() -> Finding:
        await asyncio.Event().wait()
        raise AssertionError("never comes")

    outcome = await put_to_test(claim(test), patience_s=0.01)
    said = "moon: the experiment failed: it did not end within 0.01 s"
    assert outcome.complaint(strict=False) == said


async def test_a_timeout_of_the_experiments_own_is_told_as_such() -> None:
    outcome = await put_to_test(claim(raises(TimeoutError())))
    assert outcome.complaint(strict=False) == "moon: the experiment failed: TimeoutError"


def test_a_verdict_is_never_expected_to_be_found_by_not_testing() -> None:
    found = Finding(Verdict.NOT_TESTED, ("no rocket",))
    outcome = Outcome(claim(finds(Verdict.HOLDS), Verdict.HOLDS), found, 0.0)
    assert outcome.complaint(strict=True) == "moon: no rocket"
