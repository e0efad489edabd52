"""What a room is, for a server of either protocol: who hears what, and what is left behind.

What came before an answer has come before it: so no check waits for what must not come.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from lab.course.problem import WrongError

SOON = 200
"""The end of a connection is noticed within so many answers to another one."""
ROOMS = "docs/room.md"


class Member(Protocol):
    """A member of a room. `events`: the type and the fields of each event that came."""

    events: list[tuple[str, Any]]

    async def ask(self, event: str, **fields: object) -> dict[str, Any]:
        """Send a command, and return its answer."""


Enter = Callable[[int, str, str], AbstractAsyncContextManager[Member]]
"""Connects to a port, and joins a room with a name."""


async def reaches_its_room(port: int, enter: Enter) -> None:
    """A text reaches the members of its room, the sender too, and nobody else."""
    async with (
        enter(port, "lab", "ada") as ada,
        enter(port, "lab", "bob") as bob,
        enter(port, "other", "carol") as carol,
    ):
        await ada.ask("say", room="lab", text="hello")
        for one, name in ((ada, "ada"), (bob, "bob")):
            what = f"{name}, a member of 'lab', does not hear what ada says there"
            await _hears(one, [("lab", "ada", "hello")], what)
        await carol.ask("say", room="other", text="here")
        what = "carol, who is only in 'other', hears something else than her own text"
        await _hears(carol, [("other", "carol", "here")], what)


async def name_is_kept(port: int, enter: Enter) -> None:
    """A message has the name of its sender's `join`, whatever `say` brings."""
    async with enter(port, "lab", "ada") as ada, enter(port, "lab", "bob") as bob:
        await ada.ask("say", room="lab", text="hello", name="bob")
        await _hears(bob, [("lab", "ada", "hello")], "ada speaks under another name")


async def only_members_say(port: int, enter: Enter) -> None:
    """Who is not in a room can't say anything there."""
    async with enter(port, "lab", "ada") as ada, enter(port, "other", "carol"):
        answer = await ada.ask("say", room="other", text="hello")
        if answer.get("code") != "not_in_room":
            what = "somebody says something in a room without being in it"
            got = str(answer.get("code") or answer.get("type"))
            raise WrongError(what, "refused not_in_room", got, ROOMS)


async def nothing_is_left(port: int, enter: Enter) -> None:
    """Who goes is no member any more, and a room without members is gone."""
    async with enter(port, "lab", "ada") as ada:
        async with enter(port, "lab", "bob"), enter(port, "other", "bob"):
            await _lists(ada, {"lab": 2, "other": 1}, "the rooms are not listed", 1)
        await _lists(ada, {"lab": 1}, "something is left of a member that has gone", SOON)
        async with enter(port, "lab", "carol") as carol:
            answer = await carol.ask("join", room="lab", name="carol")
    if answer.get("members") != ["ada", "carol"]:
        what = "'joined' does not name the members in their order"
        raise WrongError(what, "['ada', 'carol']", str(answer.get("members")), ROOMS)


async def arrivals(port: int, enter: Enter) -> None:
    """The others hear who arrives and who departs."""
    expected = [("arrived", "bob"), ("departed", "bob")]

    def heard() -> list[tuple[str, str]]:
        kinds = ("arrived", "departed")
        return [(kind, str(event.get("name"))) for kind, event in ada.events if kind in kinds]

    async with enter(port, "lab", "ada") as ada:
        async with enter(port, "lab", "bob") as bob:
            own = [kind for kind, _ in bob.events if kind == "arrived"]
        for _ in range(SOON):
            await ada.ask("rooms")
            if heard() == expected:
                break
        if heard() != expected:
            what = "the others do not hear who comes and goes"
            raise WrongError(what, f"{expected}", f"{heard()}", ROOMS)
    if own:
        raise WrongError("a new member hears of itself", "no 'arrived'", "'arrived'", ROOMS)


async def _hears(one: Member, expected: list[tuple[str, str, str]], what: str) -> None:
    await one.ask("rooms")
    messages = [event for kind, event in one.events if kind == "message"]
    got = [tuple(event.get(key) for key in ("room", "name", "text")) for event in messages]
    if got != expected:
        raise WrongError(what, f"{expected}", f"{got}", ROOMS)


async def _lists(one: Member, expected: dict[str, int], what: str, tries: int) -> None:
    for _ in range(tries):
        answer = await one.ask("rooms")
        found = answer.get("rooms")
        got = {each["room"]: each["members"] for each in found} if isinstance(found, list) else None
        if got == expected:
            return
    raise WrongError(what, f"{expected}", f"{answer if got is None else got}", ROOMS)
