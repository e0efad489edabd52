"""Every refusal over each wire: its code, that nothing changed, that the connection lives on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

import pytest

from lab.chat.events import Code, Refused, Reply
from lab.chat.limits import Limits
from lab.contract import Connection, ConnectionClosedError, Transport
from tests.conformance.guest import PATIENCE_S, eventually, in_time
from tests.conformance.stage import stage

Ask = Callable[[Connection], Awaitable[Reply]]


class Case(NamedTuple):
    """A command that is refused with `code` to somebody who is in the room `den` as `ann`."""

    code: Code
    ask: Ask
    limits: Limits = Limits()


CASES: dict[str, Case] = {
    "room without a name": Case("bad_name", lambda c: c.join("", "ann")),
    "room name too long": Case("bad_name", lambda c: c.join("r" * 65, "ann")),
    "room name padded": Case("bad_name", lambda c: c.join(" attic", "ann")),
    "room name not printable": Case("bad_name", lambda c: c.join("at\0tic", "ann")),
    "nameless": Case("bad_name", lambda c: c.join("attic", "")),
    "name too long": Case("bad_name", lambda c: c.join("attic", "n" * 33)),
    "name padded": Case("bad_name", lambda c: c.join("attic", "ann ")),
    "name not printable": Case("bad_name", lambda c: c.join("attic", "a\u202en")),
    "name taken": Case("name_taken", lambda c: c.join("cellar", "bob")),
    "leave from outside": Case("not_in_room", lambda c: c.leave("cellar")),
    "say from outside": Case("not_in_room", lambda c: c.say("cellar", "hello")),
    "history from outside": Case("not_in_room", lambda c: c.history("cellar", 1)),
    "say where no room is": Case("not_in_room", lambda c: c.say("nowhere", "hello")),
    "join twice": Case("already_in_room", lambda c: c.join("den", "anna")),
    "text too long": Case("text_too_long", lambda c: c.say("den", "é" * 9), Limits(text_bytes=17)),
    "too many rooms": Case(
        "too_many_rooms", lambda c: c.join("attic", "ann"), Limits(rooms_per_connection=1)
    ),
    "room full": Case("room_full", lambda c: c.join("cellar", "ann"), Limits(members_per_room=1)),
    "server full": Case("server_full", lambda c: c.join("attic", "ann"), Limits(rooms=2)),
}


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
async def test_a_refused_command_changes_nothing_and_the_connection_lives(
    wire: Transport, case: Case
) -> None:
    async with stage(wire, limits=case.limits) as s:
        ann, bob = await s.connect(), await s.connect()
        await ann.joined("den", "ann")
        await bob.joined("cellar", "bob")
        before = await ann.listing()
        await ann.refused(case.code, case.ask(ann.connection))
        assert await ann.listing() == before
        await ann.sees_no_more()
        await bob.sees_no_more()


async def test_a_pace_that_is_too_fast_is_refused_until_it_slows_down(wire: Transport) -> None:
    async with stage(wire, limits=Limits(commands_per_s=2, command_burst=3)) as s:
        ann = await s.connect()
        replies = [await in_time(ann.connection.rooms()) for _ in range(20)]
        refusals = [reply.code for reply in replies if isinstance(reply, Refused)]
        assert refusals[:1] == ["too_fast"]
        async with asyncio.timeout(PATIENCE_S):
            while isinstance(await ann.connection.rooms(), Refused):
                await asyncio.sleep(0.05)  # a bucket that is asked too often gives just as much


UNTYPED: dict[str, tuple[str, Mapping[str, Any]]] = {
    "join without a name": ("join", {"room": "den"}),
    "join with a number for a name": ("join", {"room": "den", "name": 7}),
    "join after less than nothing": ("join", {"room": "den", "name": "ann", "after": -1}),
    "join after a text": ("join", {"room": "den", "name": "ann", "after": "1"}),
    "leave nothing": ("leave", {}),
    "leave null": ("leave", {"room": None}),
    "say nothing": ("say", {"room": "den"}),
    "say an object": ("say", {"room": "den", "text": {"$ne": ""}}),
    "say a list": ("say", {"room": "den", "text": ["a"]}),
    "say under an empty key": ("say", {"room": "den", "text": "a", "key": ""}),
    "say under a long key": ("say", {"room": "den", "text": "a", "key": "k" * 65}),
    "say under a number": ("say", {"room": "den", "text": "a", "key": 1}),
    "typing nowhere": ("typing", {}),
    "history of nothing at all": ("history", {"room": "den", "limit": 0}),
    "history of a part": ("history", {"room": "den", "limit": 1.5}),
    "history before the first": ("history", {"room": "den", "limit": 1, "before": 0}),
    "history without a limit": ("history", {"room": "den"}),
}


@pytest.mark.parametrize("name, payload", UNTYPED.values(), ids=list(UNTYPED))
async def test_a_malformed_payload_is_a_bad_command(
    wire: Transport, name: str, payload: Mapping[str, Any]
) -> None:
    async with stage(wire) as s:
        ann = await s.connect()
        await ann.joined("den", "ann")
        await ann.refused("bad_command", ann.connection.request_untyped(name, payload))
        assert await ann.listing() == {"den": (1, 1)}
        await ann.sees_no_more()


# Names that mean something to the room's own code, or to a library below, are nobody's commands.
@pytest.mark.parametrize(
    "name", ["shout", "", "Join", "joined", "message", "refused", "error", "constructor", "*"]
)
async def test_an_unknown_command_is_refused_as_such(wire: Transport, name: str) -> None:
    async with stage(wire) as s:
        ann = await s.connect()
        asking = ann.connection.request_untyped(name, {"room": "den"})
        refusal = await ann.refused("unknown_command", asking)
        assert "join" in refusal.reason
        assert await ann.listing() == {}


@pytest.mark.parametrize("name", ["connect", "connect_error", "disconnect", "newListener"])
async def test_a_name_that_a_library_keeps_for_itself_is_no_command(
    wire: Transport, name: str
) -> None:
    async with stage(wire) as s:
        ann, bob = await s.connect(), await s.connect()
        await bob.joined("den", "bob")
        await ann.joined("den", "ann")
        asking = ann.connection.request_untyped(name, {"room": "den"})
        try:
            await ann.refused("unknown_command", asking)
            await ann.said("den", "still here")
        except ConnectionClosedError:  # it broke the library's own protocol: JavaScript's Socket.IO
            assert await bob.sees_departed("ann") in ("lost", "closed")
        await bob.said("den", "still here too")


async def test_a_payload_that_carries_too_much_is_taken_for_what_it_says(wire: Transport) -> None:
    async with stage(wire) as s:
        ann = await s.connect()
        payload = {"room": "den", "name": "ann", "admin": True}
        reply = await in_time(ann.connection.request_untyped("join", payload))
        assert not isinstance(reply, Refused)
        assert await ann.listing() == {"den": (1, 1)}


async def test_typing_where_one_is_not_has_no_answer_and_no_effect(wire: Transport) -> None:
    async with stage(wire) as s:
        ann, bob = await s.connect(), await s.connect()
        await bob.joined("den", "bob")
        await ann.connection.typing("den")
        assert await ann.listing() == {"den": (1, 1)}
        await bob.sees_no_more()


async def test_refusals_of_one_leave_the_others_alone(wire: Transport) -> None:
    async with stage(wire) as s:
        ann, bob = await s.connect(), await s.connect()
        await ann.joined("den", "ann")
        await bob.joined("den", "bob")
        for _ in range(50):
            await bob.refused("bad_command", bob.connection.request_untyped("say", {}))
        said = await ann.said("den", "still here")
        await eventually(lambda: len(bob.messages) == 1, "the message came")
        assert (bob.messages[0].seq, said.seq) == (3, 3)
