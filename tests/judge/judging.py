"""Judge a server in this process, and say what was not right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from lab.handshakes.request import handshake
from lab.judge.application import ECHO
from lab.judge.case import Case
from lab.judge.report import sent_by_server
from lab.judge.run import Result, judge
from lab.judge.site import Site
from lab.judge.verdict import Verdict
from tests.judge.echo import FRAME_BYTES

AT_ONCE = 40
QUICK_S = 0.05
"""How long a silent server has before it gets a ping: a pong late or early decides the same."""


def site_at(port: int, patience_s: float = 5.0) -> Site:
    """The echo server at a port of this machine."""
    opening = handshake(f"ws://127.0.0.1:{port}/")
    return Site("127.0.0.1", port, opening, ECHO, FRAME_BYTES, patience_s, QUICK_S, patience_s)


async def flaws(site: Site, cases: Sequence[Case], at_once: int = AT_ONCE) -> dict[str, Result]:
    """Case id -> its result, for all that are not `ok`; each says what is wrong, and where."""
    results = await judge(site, cases, at_once=at_once)
    found = {each.case.id: each for each in results if each.verdict is not Verdict.OK}
    for result in found.values():
        check_words(result)
    return found


def check_words(result: Result) -> None:
    """Check that a finding says what was expected, what came, and where in the server's bytes."""
    finding = result.finding
    assert finding.got, result
    if result.verdict is not Verdict.NOT_ASKED:
        assert finding.expected, result
        assert finding.at is not None, result
        sent = sent_by_server(result.conversation, finding.connection)
        assert 0 <= finding.at <= len(sent), result


def fitting(ids: Iterable[str], patterns: Sequence[str]) -> set[str]:
    """The ids that one of the patterns fits; each pattern has to fit one."""
    ids = list(ids)
    for pattern in patterns:
        assert any(fnmatchcase(each, pattern) for each in ids), f"no case is like {pattern}"
    return {each for each in ids if any(fnmatchcase(each, pattern) for pattern in patterns)}
