"""Among the claims: what a claim is, and what its experiment comes back with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from enum import StrEnum

import msgspec

from lab.load.tapped import Tape


class Verdict(StrEnum):
    """What an experiment says of a claim."""

    HOLDS = "holds"
    DOES_NOT_HOLD = "does not hold"
    DEPENDS = "depends"
    """It holds for some of what it speaks of, and not for the rest."""
    NOT_TESTED = "not tested"
    """The experiment can't run on this machine; never an expectation."""


def verdict_of(held: Iterable[object]) -> Verdict:
    """The verdict on a claim that was observed to hold, or not, in each of some places."""
    seen = [bool(one) for one in held]
    if not seen:
        raise ValueError("nothing was observed")
    if all(seen):
        return Verdict.HOLDS
    return Verdict.DEPENDS if any(seen) else Verdict.DOES_NOT_HOLD


class NotTestable(Exception):
    """The experiment can't run on this machine; the message says what is missing."""


def needs(*reasons: str | None) -> None:
    """Raise NotTestable where one of the reasons is one, as `node_unavailable()` gives it."""
    if given := [reason for reason in reasons if reason is not None]:
        raise NotTestable("; ".join(given))


class Finding(msgspec.Struct, frozen=True):
    """What an experiment has found.

    `evidence`: short sentences in plain words, each with the figures that were measured.
    `tapes`: what crossed the wire meanwhile, each under a label for the eye.
    """

    verdict: Verdict
    evidence: tuple[str, ...]
    tapes: Mapping[str, Tape] = {}


class Claim(msgspec.Struct, frozen=True):
    """A claim that learners repeat, and the experiment that puts it to the test.

    `name`: as on the command line; the module's own, with "-" for "_".
    `english`, `korean`: the claim in the lab's own words.
    `asked`: what the experiment does, in one sentence.
    `verdict`: what a run is expected to find; a test holds the lab to it.
    `because`: the verdict explained to a learner, without the figures that a run gives.
    `test`: the experiment, which decides from what it has observed and ends by itself in some 20
    seconds. Raises NotTestable.
    `common_belief`: heard everywhere, but no claim of the documents.
    """

    name: str
    english: str
    korean: str
    asked: str
    verdict: Verdict
    because: str
    test: Callable[[], Awaitable[Finding]]
    common_belief: bool = False
