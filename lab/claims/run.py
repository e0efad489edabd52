"""Among the claims: puts one to the test, and says where the outcome is not the expected one."""

from __future__ import annotations

import asyncio
import traceback
from time import monotonic

import msgspec

from lab.claims.claim import Claim, Finding, NotTestable, Verdict
from transports.registry import UnavailableError

PATIENCE_S = 120.0
"""An experiment takes some 20 s at most; the rest is for a loaded machine."""


class Outcome(msgspec.Struct, frozen=True):
    """What came of an experiment. `broke`: the traceback of one that failed, else ""."""

    claim: Claim
    finding: Finding
    took_s: float
    broke: str = ""

    def complaint(self, strict: bool) -> str | None:
        """Why this is not what was expected; None where it is.

        What could not be tested here is complained of only if `strict`; an experiment that failed,
        always.
        """
        found = self.finding.verdict
        if found is Verdict.NOT_TESTED:
            reason = " ".join(self.finding.evidence)
            return f"{self.claim.name}: {reason}" if strict or self.broke else None
        if found is self.claim.verdict:
            return None
        return f"{self.claim.name}: expected {self.claim.verdict}, found {found}"


async def put_to_test(claim: Claim, patience_s: float = PATIENCE_S) -> Outcome:
    """Run a claim's experiment. Raises nothing of its own: whatever goes wrong is in the outcome.

    A verdict is only ever found by an experiment that has come to its end; any other is
    `not tested`, with the reason as its evidence.
    """
    began_s = monotonic()
    broke = ""
    try:
        async with asyncio.timeout(patience_s) as patience:
            finding = await claim.test()
    except (NotTestable, UnavailableError) as missing:
        finding = _untested(str(missing))
    except Exception as error:  # one that breaks must not take the others along
        broke = traceback.format_exc()
        what = f"{type(error).__name__}: {error}".removesuffix(": ")
        ended = f"it did not end within {patience_s:g} s" if patience.expired() else what
        finding = _untested(f"the experiment failed: {ended}")
    return Outcome(claim, finding, monotonic() - began_s, broke)


def _untested(reason: str) -> Finding:
    return Finding(Verdict.NOT_TESTED, (reason,))
