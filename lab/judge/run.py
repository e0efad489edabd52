"""Plays cases against a server, some at a time, and keeps what each found."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from lab.judge.case import Case
from lab.judge.player import Player, WrongError
from lab.judge.site import Site
from lab.judge.verdict import Finding, Verdict, failed
from lab.load.tapped import Capture

AT_ONCE = 12
"""Cases that are played at the same time."""
CASE_S = 45.0
"""No case takes longer, however often it has to wait; the wait for heartbeats comes on top."""

Progress = Callable[[int, int], None]
"""Called with the number of cases that are done, and how many there are."""


@dataclass(frozen=True)
class Result:
    """A case, what it found, all that crossed its connections, and how long it took."""

    case: Case
    finding: Finding
    conversation: Capture
    seconds: float

    @property
    def verdict(self) -> Verdict:
        """The verdict of the finding."""
        return self.finding.verdict


def matching(cases: Iterable[Case], patterns: Sequence[str]) -> list[Case]:
    """The cases whose id one of the patterns fits: a part of it, in any case, with * and ?."""
    wanted = [f"*{pattern.lower()}*" for pattern in patterns]
    return [
        case
        for case in cases
        if not wanted or any(fnmatchcase(case.id.lower(), pattern) for pattern in wanted)
    ]


async def judge(
    site: Site,
    cases: Sequence[Case],
    progress: Progress | None = None,
    at_once: int = AT_ONCE,
) -> list[Result]:
    """Play every case against the server, each on connections of its own, in any order.

    The results are in the order of the cases. A server that stops to listen fails the rest.
    """
    room = asyncio.Semaphore(at_once)
    done = Counter[str]()

    async def one(case: Case) -> Result:
        async with room:
            result = await _play(site, case)
        done["cases"] += 1
        if progress is not None:
            progress(done["cases"], len(cases))
        return result

    return list(await asyncio.gather(*map(one, cases)))


async def _play(site: Site, case: Case) -> Result:
    player, begin = Player(site), time.perf_counter()
    most_s = CASE_S + site.longest_s
    try:
        async with asyncio.timeout(most_s):
            finding = await case.play(player)
    except WrongError as error:
        finding = error.finding
    except TimeoutError:
        finding = failed("an end of the case", f"it took more than {most_s:g} s")
    except OSError as error:
        finding = failed("a connection", f"{error.strerror or error}")
    return Result(case, finding, player.capture(), time.perf_counter() - begin)


def counted(results: Iterable[Result]) -> dict[Verdict, int]:
    """How many cases have each verdict."""
    counts = Counter(result.verdict for result in results)
    return {verdict: counts[verdict] for verdict in Verdict}
