"""Runs the experiment of a claim, and says where the verdict differs from the expected one."""

from __future__ import annotations

import asyncio
from time import monotonic
from traceback import format_exc

import msgspec

from lab.bilingual import Bilingual, same
from lab.claims._support.claim import Claim, Finding, NotTestable, Verdict
from transports.registry import UnavailableError

PATIENCE_S = 120.0
"""An experiment takes about 20 s at most; a busy machine may need more."""

UNTESTABLE = Bilingual("{reason}", "이 컴퓨터에서는 시험할 수 없습니다 ({reason}).")
ENDLESS = Bilingual("it did not end within {seconds:g} s", "{seconds:g}초 안에 끝나지 않음")
FAILED = Bilingual("the experiment failed: {reason}", "실험이 실패했습니다: {reason}")


class Outcome(msgspec.Struct, frozen=True):
    """The result of an experiment. `traceback`: the traceback of a failed one, else ""."""

    claim: Claim
    finding: Finding
    took_s: float
    traceback: str = ""

    def complaint(self, strict: bool) -> str | None:
        """Say how the result differs from the expected one; None where it does not.

        A claim that was not tested or not decided counts only if `strict`; a failed experiment
        always counts.
        """
        found = self.finding.verdict
        reason = f"{self.claim.name}: {self.finding.in_short.english}"
        if self.traceback:
            return reason
        if found is self.claim.verdict:
            return None
        if found in (Verdict.NOT_TESTED, Verdict.CANT_TELL):
            return reason if strict else None
        return f"{self.claim.name}: expected {self.claim.verdict}, found {found}"


async def put_to_test(claim: Claim, patience_s: float = PATIENCE_S) -> Outcome:
    """Run a claim's experiment. Raises nothing itself: an error becomes part of the outcome.

    Only an experiment that ends gives a verdict. Any other is `not tested`, with the reason as
    its evidence.
    """
    began_s = monotonic()
    failure = ""
    try:
        async with asyncio.timeout(patience_s) as patience:
            finding = await claim.test()
    except (NotTestable, UnavailableError) as missing:
        finding = _untested(UNTESTABLE.fill(reason=missing))
    except Exception as error:  # a failed experiment must not stop the others
        failure = format_exc()
        what = f"{type(error).__name__}: {error}".removesuffix(": ")
        ended = ENDLESS.fill(seconds=patience_s) if patience.expired() else same(what)
        finding = _untested(FAILED.fill(reason=ended))
    return Outcome(claim, finding, monotonic() - began_s, failure)


def _untested(reason: Bilingual) -> Finding:
    return Finding(Verdict.NOT_TESTED, reason, (reason,))
