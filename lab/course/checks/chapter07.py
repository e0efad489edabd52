"""Chapter 7: what arrives, and how often, when connections break."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from lab.course.learner import Driven, Learner, driven, served
from lab.course.member import Member, member
from lab.course.problem import WrongError
from lab.course.run import Check
from lab.relay.relay import Relay

LOST = "chapter 7, section 'after'"
TWICE = "chapter 7, section 'key'"
BUFFER = "chapter 7, section 'the outbox'"


async def missed_arrive(subject: Learner) -> None:
    """What was said while a client was away arrives after it is back: once, and in order."""
    async with _scene(subject) as (client, relay, other):
        await _break(relay)
        for text in ("one", "two", "three"):
            await other.ask("say", room="lab", text=text, key=text)
        relay.resume()
        await _compare(client, ["one", "two", "three"], "messages are lost", LOST)


async def said_once(subject: Learner) -> None:
    """A text whose answer is lost is stored once, and answered in the end."""
    async with _scene(subject) as (client, relay, other):
        relay.stall("down")
        await client.say("hello")
        await other.until(lambda: "hello" in other.texts(), "a text does not arrive", "'hello'")
        await _break(relay)
        relay.resume()
        await client.until("hello", "a text whose answer is lost is never answered", BUFFER)
        await other.ask("say", room="lab", text="end", key="end")
        await other.until(lambda: "end" in other.texts(), "a text does not arrive", "'end'")
    count = other.texts().count("hello")
    if count != 1:
        raise WrongError("a text arrives more than once", "'hello' once", f"{count} times", TWICE)


async def buffered(subject: Learner) -> None:
    """What a client says while it is away arrives later: once, and in order."""
    said = ["a", "b", "c"]
    async with _scene(subject) as (client, relay, other):
        await _break(relay)
        for text in said:
            await client.say(text)
        relay.resume()
        for text in said:
            await client.until(text, "a text that is said without a connection is lost", BUFFER)
        await other.until(lambda: "c" in other.texts(), "a text is lost", "'c'")
    found = [text for text in other.texts() if text in said]
    if found != said:
        raise WrongError("texts change their order or their number", f"{said}", f"{found}", BUFFER)


async def away_twice(subject: Learner) -> None:
    """A second cut is survived as the first one."""
    async with _scene(subject) as (client, relay, other):
        for text in ("first", "second"):
            await _break(relay)
            await other.ask("say", room="lab", text=text, key=text)
            relay.resume()
            what = "messages are lost after a second cut"
            await client.until_received(text, what, LOST)
        await _compare(client, ["first", "second"], "messages are lost", LOST)


async def bounded_log(subject: Learner) -> None:
    """The server keeps the last 100 messages of a room, and says what is gone."""
    async with served(subject) as port, member(port, "lab", "ada") as ada:
        for number in range(120):
            await ada.ask("say", room="lab", text=str(number), key=str(number))
        async with member(port, "other", "bob") as bob:
            answer = await bob.ask("join", room="lab", name="bob", after=0)
    missed = answer.get("missed")
    count = len(missed) if isinstance(missed, list) else 0
    if count != 100 or not answer.get("truncated"):
        got = f"{count} with truncated {answer.get('truncated')}"
        expected = "100 messages with truncated true"
        raise WrongError("the log has no bound", expected, got, "chapter 7, exercise 2")


async def epochs(subject: Learner) -> None:
    """After a restart of the server, a client with an old `after` gets everything."""
    async with served(subject) as port, member(port, "lab", "ada") as ada:
        old = await ada.ask("say", room="lab", text="old", key="1")
        first = await ada.ask("join", room="lab", name="ada", after=0)
    epoch = first.get("epoch")
    async with served(subject) as port, member(port, "lab", "ada") as ada:
        await ada.ask("say", room="lab", text="new", key="2")
        answer = await ada.ask("join", room="lab", name="ada", after=old.get("seq"), epoch=epoch)
    texts = [each.get("text") for each in answer.get("missed") or []]
    if not epoch or texts != ["new"]:
        what = "after a restart, a new message is taken for an old one"
        raise WrongError(what, "['new'] and an epoch", f"{texts}", "docs/room.md, epoch")


@asynccontextmanager
async def _scene(subject: Learner) -> AsyncIterator[tuple[Driven, Relay, Member]]:
    """The learner's client behind a relay, and another member beside it."""
    async with (
        served(subject) as port,
        Relay("127.0.0.1", port) as relay,
        member(port, "lab", "other") as other,
        driven(subject, relay.port, "lab", "client") as client,
    ):
        yield client, relay, other


async def _break(relay: Relay) -> None:
    """Cut every connection. New ones stay silent until `resume`."""
    relay.stall()
    relay.cut()


async def _compare(client: Driven, expected: list[str], what: str, clause: str) -> None:
    """Say a last text, wait for it, and compare what the client was given before."""
    await client.say("end")
    await client.until("end", "the client does not come back", BUFFER)
    await client.until_received("end", "the client does not come back to its room", LOST)
    found = [text for text in client.texts if text in expected]
    if found != expected:
        raise WrongError(what, f"{expected}", f"{found}", clause)


CHECKS: Mapping[str, Check] = {
    "what was missed arrives": missed_arrive,
    "a lost answer does not double a text": said_once,
    "what is said without a connection arrives": buffered,
}
EXERCISES: Mapping[int, Mapping[str, Check]] = {
    1: {"a second cut is survived": away_twice},
    2: {"the log of a room has a bound": bounded_log},
    3: {"a restart of the server is noticed": epochs},
}
