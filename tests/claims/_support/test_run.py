"""Running an experiment: its finding, and what a failed experiment becomes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from lab.bilingual import Bilingual, same
from lab.claims._support.claim import Claim, Finding, NotTestable, Verdict
from lab.claims._support.run import put_to_test
from transports.registry import UnavailableError


def claim(test: Callable[[], Awaitable[Finding]], verdict: Verdict = Verdict.HOLDS) -> Claim:
    said = Bilingual("It is cheese.", "달은 치즈입니다.")
    return Claim("moon", said, same("Tastes it."), verdict, same("It is not."), test)


STONE = Bilingual("3 of 3 bites tasted of stone", "세 입 모두 돌맛입니다")


def finds(verdict: Verdict) -> Callable[[], Awaitable[Finding]]:
    async def test() -> Finding:
        return Finding(verdict, STONE, (STONE,))

    return test


def raises(error: Exception) -> Callable[[], Awaitable[Finding]]:
    async def test() -> Finding:
        raise error

    return test


async def test_the_outcome_holds_the_finding() -> None:
    outcome = await put_to_test(claim(finds(Verdict.HOLDS)))
    assert outcome.finding.verdict is Verdict.HOLDS
    assert outcome.finding.evidence == (STONE,)
    assert outcome.took_s >= 0
    assert outcome.complaint(strict=True) is None


async def test_an_unexpected_verdict_is_reported() -> None:
    outcome = await put_to_test(claim(finds(Verdict.DOES_NOT_HOLD)))
    assert outcome.complaint(strict=False) == "moon: expected holds, found does not hold"


@pytest.mark.parametrize("missing", [NotTestable("no rocket"), UnavailableError("no rocket")])
async def test_an_untested_claim_is_reported_only_if_strict(
    missing: Exception,
) -> None:
    outcome = await put_to_test(claim(raises(missing)))
    assert outcome.finding.verdict is Verdict.NOT_TESTED
    assert outcome.finding.in_short.english == "no rocket"
    assert "시험할 수 없습니다 (no rocket)" in outcome.finding.in_short.korean
    assert outcome.complaint(strict=False) is None
    assert outcome.complaint(strict=True) == "moon: no rocket"


async def test_an_undecided_claim_is_reported_only_if_strict() -> None:
    outcome = await put_to_test(claim(finds(Verdict.CANT_TELL)))
    assert outcome.complaint(strict=False) is None
    assert outcome.complaint(strict=True) == "moon: 3 of 3 bites tasted of stone"


async def test_a_failed_experiment_is_always_reported() -> None:
    outcome = await put_to_test(claim(raises(ConnectionResetError("by the moon"))))
    assert outcome.finding.verdict is Verdict.NOT_TESTED
    said = "moon: the experiment failed: ConnectionResetError: by the moon"
    assert outcome.complaint(strict=False) == said
    assert "in test" in outcome.traceback


async def test_an_experiment_has_a_time_limit() -> None:
    async def test() -> Finding:
        await asyncio.Event().wait()
        raise AssertionError("never comes")

    outcome = await put_to_test(claim(test), patience_s=0.01)
    said = "moon: the experiment failed: it did not end within 0.01 s"
    assert outcome.complaint(strict=False) == said


async def test_a_timeout_inside_the_experiment_is_reported_as_such() -> None:
    outcome = await put_to_test(claim(raises(TimeoutError())))
    assert outcome.complaint(strict=False) == "moon: the experiment failed: TimeoutError"


async def test_a_claim_that_cannot_be_tested_yet_may_say_so() -> None:
    expecting = claim(raises(NotTestable("no rocket")), Verdict.NOT_TESTED)
    assert (await put_to_test(expecting)).complaint(strict=True) is None
    broken = claim(raises(OSError("no fuel")), Verdict.NOT_TESTED)
    said = "moon: the experiment failed: OSError: no fuel"
    assert (await put_to_test(broken)).complaint(strict=False) == said
