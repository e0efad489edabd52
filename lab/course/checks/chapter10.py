"""Chapter 10: what the learner has measured, and what to choose."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from lab.answer.gather import gather
from lab.choose import bundle
from lab.choose.decide import decide
from lab.choose.facts import Facts
from lab.choose.needs import Needs
from lab.course.chapters import CourseError
from lab.course.learner import Learner
from lab.course.measuring import loaded, loaded_by_itself, round_trips, scenario_of
from lab.course.problem import WrongError
from lab.course.run import Check
from lab.load.scenario.outcome import Outcome

LOAD = "docs/load.md"
SITES = {
    "office": Needs(blocked="yes", features=("rooms", "acks")),
    "ticker": Needs(client="app", direction="down"),
    "game": Needs(client="app", blocked="no"),
}
"""The sites of found.toml, as `lab choose` takes them."""
CROWD = 30


class Deliveries(msgspec.Struct):
    """What `lab load` counts."""

    of_one_message: int


class Found(msgspec.Struct):
    """The learner's `found.toml`."""

    round_trips: dict[str, int]
    deliveries: Deliveries
    choice: dict[str, str]


async def counted(subject: Learner) -> None:
    """The scenario loads the server at a rate, and every message comes back."""
    scenario = scenario_of(subject.folder)
    if scenario.load.rate is None:
        what = "a closed loop waits with the server, so a slow answer delays the next message"
        raise WrongError(what, "a rate", f"in_flight = {scenario.load.window}", "docs/method.md")
    outcome = await loaded(subject, scenario)
    _whole(outcome)
    expected = outcome.audit.expected // outcome.audit.messages
    got = _found(subject.folder).deliveries.of_one_message
    if got != expected:
        what = "found.toml counts the deliveries of one message wrong"
        raise WrongError(what, f"{expected}", f"{got}", LOAD)


async def probed(subject: Learner) -> None:
    """The round trips in found.toml are those of the learner's server."""
    noted, measured = _found(subject.folder).round_trips, await round_trips(subject)
    for name, expected in measured.items():
        if noted.get(name) != expected:
            what = f"found.toml has other round trips for {name}"
            raise WrongError(what, f"{expected}", f"{noted.get(name)}", "docs/probe.md")


async def chosen(subject: Learner) -> None:
    """The choice for each site is that of `lab choose`."""
    choice = _found(subject.folder).choice
    for name, needs in SITES.items():
        decision = decide(Facts(needs, gather(None, []), bundle.load()))
        if choice.get(name) != decision.transport:
            what = f"the choice for the {name} is another one: {decision.brief}"
            got = f"'{choice.get(name, '')}'"
            raise WrongError(what, f"'{decision.transport}'", got, "docs/choose.md")


async def crowd(subject: Learner) -> None:
    """The same load in one room of 30."""
    scenario = scenario_of(subject.folder)
    if scenario.load.clients < CROWD or scenario.load.rooms != 1:
        got = f"{scenario.load.clients} in {scenario.load.rooms}"
        raise WrongError("the room is small", f"{CROWD} clients in 1 room", got, LOAD)
    _whole(await loaded(subject, scenario))


async def own_server(subject: Learner) -> None:
    """The scenario starts the server, so the load sees its CPU."""
    scenario = scenario_of(subject.folder)
    if scenario.server is None or scenario.server.command is None:
        what = "nobody knows which side is short of CPU"
        raise WrongError(what, "[server] with a command", "none", LOAD)
    _whole(await loaded_by_itself(subject, scenario))


async def by_polling(subject: Learner) -> None:
    """The same load over long-polling."""
    scenario = scenario_of(subject.folder)
    if scenario.connect.mode != "polling":
        got = f"mode = '{scenario.connect.mode}'"
        raise WrongError("this is not long-polling", "mode = 'polling'", got, LOAD)
    _whole(await loaded(subject, scenario))


def _whole(outcome: Outcome) -> None:
    if outcome.void is not None or not outcome.audit.expected:
        got = outcome.void or "no delivery that is expected"
        raise WrongError("the load does not count every message", "nothing lost", got, LOAD)


def _found(folder: Path) -> Found:
    file = folder / "found.toml"
    if not file.is_file():
        raise CourseError(f"{folder} has no found.toml: make it by `lab course start 10`")
    try:
        return msgspec.convert(tomllib.loads(file.read_text(errors="replace")), Found)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise WrongError("found.toml can't be read", "TOML", str(error), "chapter 10") from None


CHECKS: Mapping[str, Check] = {
    "the load counts every message": counted,
    "the round trips are measured": probed,
    "the choice fits each site": chosen,
}
EXERCISES: Mapping[int, Mapping[str, Check]] = {
    1: {"a room of 30 is loaded": crowd},
    2: {"the load sees the server's CPU": own_server},
    3: {"long-polling is loaded": by_polling},
}
