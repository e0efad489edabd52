"""Chapter 5: the same rooms on Socket.IO, and the client of the page."""

from __future__ import annotations

from collections.abc import Mapping

from lab.course import rooms
from lab.course.learner import Learner, driven, served
from lab.course.member import member
from lab.course.problem import WrongError
from lab.course.run import Check


async def broadcast(subject: Learner) -> None:
    """A text reaches its room under the name of its sender."""
    async with served(subject) as port:
        await rooms.reaches_its_room(port, member)
        await rooms.name_is_kept(port, member)
        await rooms.only_members_say(port, member)


async def no_leaks(subject: Learner) -> None:
    """Nothing is left of who has gone, and only rooms are listed."""
    async with served(subject) as port:
        await rooms.nothing_is_left(port, member)


async def client_speaks(subject: Learner) -> None:
    """`client.mjs` joins, says, and hears."""
    async with (
        served(subject) as port,
        member(port, "lab", "ada") as ada,
        driven(subject, port, "lab", "client") as client,
    ):
        await ada.ask("say", room="lab", text="hello")
        clause = "chapter 5, section 'the client'"
        await client.until_received("hello", "client.mjs does not hand a message over", clause)
        await client.say("and you")
        await client.until("and you", "client.mjs gets no answer to 'say'", clause)
        expected = "'and you'"
        what = "what client.mjs says does not arrive"
        await ada.until(lambda: "and you" in ada.texts(), what, expected, clause)


async def survives(subject: Learner) -> None:
    """An event without its fields, or without an acknowledgement, does no harm."""
    async with served(subject) as port, member(port, "lab", "ada") as ada:
        await ada.tell("say")
        await ada.tell_raw('42["join"]')
        await ada.tell_raw('42["say",null]')
        answer = await ada.ask("rooms")
        if answer.get("type") != "listing":
            what = "after a strange event, 'rooms' is not answered"
            raise WrongError(what, "listing", f"{answer}", "chapter 5, exercise 1")


async def arrivals(subject: Learner) -> None:
    """The others hear who arrives and who departs."""
    async with served(subject) as port:
        await rooms.arrivals(port, member)


async def one_name(subject: Learner) -> None:
    """A name is taken once in a room, and free again afterwards."""
    async with served(subject) as port, member(port, "lab", "ada"):
        async with member(port, "other", "ada") as other:
            answer = await other.ask("join", room="lab", name="ada")
        if answer.get("code") != "name_taken":
            what, got = "two members have one name", str(answer.get("code") or answer.get("type"))
            raise WrongError(what, "refused name_taken", got, "chapter 5, exercise 3")


CHECKS: Mapping[str, Check] = {
    "a text reaches its room, under its sender's name": broadcast,
    "nothing is left of who has gone": no_leaks,
    "client.mjs speaks to it": client_speaks,
}
EXERCISES: Mapping[int, Mapping[str, Check]] = {
    1: {"a strange event does no harm": survives},
    2: {"the others hear who comes and goes": arrivals},
    3: {"a name is taken once": one_name},
}
