"""Check each refusal on each transport: its code, an unchanged room, an open connection."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import pytest

from lab.chat.events import Code, Refused, Reply
from lab.chat.limits import Limits
from lab.contract import Connection, ConnectionClosedError, Transport
from lab.judge.room.rows import UNKNOWN, UNTYPED
from tests.conformance.client import PATIENCE_S, eventually, in_time
from tests.conformance.served import ServedTransport, served

Ask = Callable[[Connection], Awaitable[Reply]]


class Case(NamedTuple):
    """A command that is refused with `code` for the member `ann` of the room `den`."""

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


async def test_a_refused_command_changes_nothing_and_the_connection_stays(
    transport: Transport, subtests: pytest.Subtests
) -> None:
    for limits, cases in itertools.groupby(CASES.items(), lambda named: named[1].limits):
        async with served(transport, limits=limits) as s:
            for what, case in cases:
                with subtests.test(what):
                    async with s.case():
                        await _check_refused(s, case)


async def _check_refused(s: ServedTransport, case: Case) -> None:
    ann, bob = await s.connect(), await s.connect()
    await ann.joined("den", "ann")
    await bob.joined("cellar", "bob")
    before = await ann.listing()
    await ann.refused(case.code, case.ask(ann.connection))
    assert await ann.listing() == before
    await ann.sees_no_more()
    await bob.sees_no_more()


async def test_too_many_commands_are_refused_until_the_client_slows_down(
    transport: Transport,
) -> None:
    async with served(transport, limits=Limits(commands_per_s=2, command_burst=3)) as s:
        ann = await s.connect()
        replies = [await in_time(ann.connection.rooms()) for _ in range(20)]
        refusals = [reply.code for reply in replies if isinstance(reply, Refused)]
        assert refusals[:1] == ["too_fast"]
        async with asyncio.timeout(PATIENCE_S):
            while isinstance(await ann.connection.rooms(), Refused):
                await asyncio.sleep(0.05)  # a bucket that is asked too often gives just as much


async def test_a_malformed_payload_is_a_bad_command(
    transport: Transport, subtests: pytest.Subtests
) -> None:
    async with served(transport) as s:
        ann = await s.connect()
        await ann.joined("den", "ann")
        for what, (name, payload) in UNTYPED.items():
            with subtests.test(what):
                await ann.refused("bad_command", ann.connection.request_untyped(name, payload))
                assert await ann.listing() == {"den": (1, 1)}
                await ann.sees_no_more()


# Names with a meaning in the room's own code or in a library are no commands.
RESERVED = ("connect", "connect_error", "disconnect", "newListener")


async def test_an_unknown_command_is_refused(
    transport: Transport, subtests: pytest.Subtests
) -> None:
    async with served(transport) as s:
        ann = await s.connect()
        for name in UNKNOWN:
            with subtests.test(name):
                asking = ann.connection.request_untyped(name, {"room": "den"})
                refusal = await ann.refused("unknown_command", asking)
                assert "join" in refusal.reason
                assert await ann.listing() == {}


async def test_a_library_s_reserved_name_is_no_command(
    transport: Transport, subtests: pytest.Subtests
) -> None:
    async with served(transport) as s:
        for name in RESERVED:
            with subtests.test(name):
                async with s.case():
                    await _check_reserved(s, name)


async def _check_reserved(s: ServedTransport, name: str) -> None:
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


async def test_unknown_fields_of_a_payload_are_ignored(transport: Transport) -> None:
    async with served(transport) as s:
        ann = await s.connect()
        payload = {"room": "den", "name": "ann", "admin": True}
        reply = await in_time(ann.connection.request_untyped("join", payload))
        assert not isinstance(reply, Refused)
        assert await ann.listing() == {"den": (1, 1)}


async def test_typing_outside_a_room_has_no_answer_and_no_effect(transport: Transport) -> None:
    async with served(transport) as s:
        ann, bob = await s.connect(), await s.connect()
        await bob.joined("den", "bob")
        await ann.connection.typing("den")
        assert await ann.listing() == {"den": (1, 1)}
        await bob.sees_no_more()


async def test_refusals_of_one_client_do_not_affect_others(transport: Transport) -> None:
    async with served(transport) as s:
        ann, bob = await s.connect(), await s.connect()
        await ann.joined("den", "ann")
        await bob.joined("den", "bob")
        for _ in range(50):
            await bob.refused("bad_command", bob.connection.request_untyped("say", {}))
        said = await ann.said("den", "still here")
        await eventually(lambda: len(bob.messages) == 1, "the message came")
        assert (bob.messages[0].seq, said.seq) == (3, 3)
