"""A claim, and the finding that its experiment returns."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from enum import StrEnum

import msgspec

from lab.bilingual import Bilingual
from lab.load.tapped import Capture


class Verdict(StrEnum):
    """What an experiment says about a claim."""

    HOLDS = "holds"
    DOES_NOT_HOLD = "does not hold"
    DEPENDS = "depends"
    """The claim holds for some of its cases, and not for the others."""
    CANT_TELL = "can't tell"
    """The measured intervals do not decide it. Never an expected verdict."""
    NOT_TESTED = "not tested"
    """The experiment cannot run on this machine, or there is nothing to test here yet."""


VERDICTS = {
    Verdict.HOLDS: Bilingual("holds", "맞음"),
    Verdict.DOES_NOT_HOLD: Bilingual("does not hold", "틀림"),
    Verdict.DEPENDS: Bilingual("depends", "경우에 따라 다름"),
    Verdict.CANT_TELL: Bilingual("can't tell", "판단할 수 없음"),
    Verdict.NOT_TESTED: Bilingual("not tested", "시험하지 못함"),
}
"""Every verdict in both languages."""


def verdict_of(held: Iterable[object]) -> Verdict:
    """Return the verdict on a claim, given whether it held in each observed case."""
    seen = [bool(one) for one in held]
    if not seen:
        raise ValueError("nothing was observed")
    if all(seen):
        return Verdict.HOLDS
    return Verdict.DEPENDS if any(seen) else Verdict.DOES_NOT_HOLD


class NotTestable(Exception):
    """The experiment cannot run on this machine; the message says what is missing."""


def needs(*reasons: str | None) -> None:
    """Raise NotTestable where a reason is given; `node_unavailable()` returns such reasons."""
    if given := [reason for reason in reasons if reason is not None]:
        raise NotTestable("; ".join(given))


class Finding(msgspec.Struct, frozen=True):
    """What an experiment has found.

    `in_short`: one sentence with the figures that decide. `evidence`: short sentences, each with
    the measured figures. `captures`: label -> the captured bytes of one connection or server.
    """

    verdict: Verdict
    in_short: Bilingual
    evidence: tuple[Bilingual, ...]
    captures: Mapping[str, Capture] = {}


class Claim(msgspec.Struct, frozen=True):
    """A claim that learners repeat, and the experiment that tests it.

    `name`: the name on the command line: the module's name with "-" instead of "_".
    `said`: the claim in the lab's own words.
    `experiment`: what the lab does to test the claim.
    `verdict`: the expected verdict; a test compares the lab's result with it.
    `because`: the verdict explained to a learner, without the figures of a run.
    `test`: the experiment. It decides from its observations and ends within about 20 seconds.
    Raises NotTestable.
    `common_belief`: a common belief that the projects' documents do not state.
    `notebook`: the notebook that goes deeper, without its suffix.
    """

    name: str
    said: Bilingual
    experiment: Bilingual
    verdict: Verdict
    because: Bilingual
    test: Callable[[], Awaitable[Finding]]
    common_belief: bool = False
    notebook: str = "06_claims"
