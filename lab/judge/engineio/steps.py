"""How a series of steps becomes a case, and what it needs of a server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from enum import StrEnum

from lab.judge.case import Case
from lab.judge.player import Player, WrongError
from lab.judge.site import Engine, Site
from lab.judge.verdict import OK, Finding, Verdict, not_asked

Steps = Callable[[Player], Awaitable[Finding | None]]
"""Steps raise WrongError where the server does something else than they expect. They may return a
finding of their own; None is `ok`."""


class Need(StrEnum):
    """What a server has to offer, or what has to be declared; the text says so to the user."""

    POLLS = "needs long-polling, which the server does not offer"
    FRAMES = "needs WebSocket, which the server does not offer"
    EVENT = "needs an event that the server answers: declare --event"
    ECHO = "needs an answer that carries what was sent: declare --event and --echo"
    ACK = "needs an event that the server acknowledges: declare --answer ack"
    ONE_BEAT = "needs a heartbeat that comes sooner: see --longest"
    LOSS = "needs a heartbeat whose time-out comes sooner: see --longest"


def lacking(site: Site, needs: Iterable[Need]) -> Need | None:
    """The first need that a server does not meet."""
    engine = site.engine
    assert engine is not None, "this server does not speak Engine.IO"
    return next((need for need in needs if not _meets(site, engine, need)), None)


def _meets(site: Site, engine: Engine, need: Need) -> bool:
    event = site.event
    match need:
        case Need.POLLS:
            return engine.polls
        case Need.FRAMES:
            return engine.frames
        case Need.EVENT:
            return event is not None
        case Need.ECHO:
            return event is not None and event.echoes
        case Need.ACK:
            return event is not None and event.answer is None
        case Need.ONE_BEAT:
            return engine.interval_s <= engine.longest_s
        case Need.LOSS:
            return engine.interval_s + engine.timeout_s <= engine.longest_s


def steps(
    group: str, name: str, clause: str, play: Steps, *needs: Need, lenient: bool = False
) -> Case:
    """A case of several steps. `lenient`: no document says that the server must do so."""

    async def played(player: Player) -> Finding:
        if (need := lacking(player.site, needs)) is not None:
            return not_asked(str(need))
        finding = await play(player)
        return OK if finding is None else finding

    return Case(group, name, clause, gentle(played) if lenient else played)


def gentle(play: Callable[[Player], Awaitable[Finding]]) -> Callable[[Player], Awaitable[Finding]]:
    """The same steps; what would fail is not strict."""

    async def played(player: Player) -> Finding:
        try:
            finding = await play(player)
        except WrongError as error:
            finding = error.finding
        if finding.verdict is not Verdict.FAILED:
            return finding
        return Finding(
            Verdict.NOT_STRICT, finding.expected, finding.got, finding.at, finding.connection
        )

    return played
