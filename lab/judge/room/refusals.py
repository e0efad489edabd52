"""What the room refuses, with which code, and what is no command at all (docs/room.md)."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from lab.decode.rfc6455 import BINARY, CONTINUATION, TEXT
from lab.judge.case import Case
from lab.judge.engineio.session import Data, Frames, Packet, Session
from lab.judge.engineio.steps import Need, steps
from lab.judge.player import Player
from lab.judge.room.member import Member, Native, Said
from lab.judge.room.rows import ASKING, NO_COMMANDS, SILENT, SURROGATES, UNKNOWN, UNTYPED
from lab.judge.room.talk import NATIVE, ON_SOCKETIO, Script, Talk, on_each
from lab.judge.socketio.entering import CARRIERS, Opening, enter
from lab.judge.verdict import OK, Finding
from lab.judge.websocket.build import frame
from lab.judge.websocket.expect import Fails

REFUSALS = "Rooms, Limits"
WIRE = "docs/room.md, On the wire"
MOST_ID = 2**53 - 1

Asked = Callable[[Member, str, str], Awaitable[None]]
"""Sends a wrong command: `ann` is in the first room, `bob` in the second."""


def refused(code: str, kind: str, **fields: Any) -> Asked:
    """A command that is refused; `HERE` and `THERE` stand for the two rooms."""

    async def ask(ann: Member, here: str, there: str) -> None:
        rooms = {"HERE": here, "THERE": there}
        said = {name: rooms.get(value, value) for name, value in fields.items()}
        await ann.refused(code, kind, **said)

    return ask


WRONG: dict[str, Asked] = {
    "a room without a name": refused("bad_name", "join", room="", name="ann"),
    "a room's name that is too long": refused("bad_name", "join", room="r" * 65, name="ann"),
    "a room's name with a space before it": refused("bad_name", "join", room=" den", name="ann"),
    "a room's name with NUL": refused("bad_name", "join", room="d\0en", name="ann"),
    "no name": refused("bad_name", "join", room="THERE", name=""),
    "a name that is too long": refused("bad_name", "join", room="THERE", name="n" * 33),
    "a name with a space behind it": refused("bad_name", "join", room="THERE", name="ann "),
    "a name with an override": refused("bad_name", "join", room="THERE", name="a\u202en"),
    "a name that draws nothing": refused("bad_name", "join", room="THERE", name="\u3164"),
    "a name that is taken": refused("name_taken", "join", room="THERE", name="bob"),
    "leave from outside": refused("not_in_room", "leave", room="THERE"),
    "say from outside": refused("not_in_room", "say", room="THERE", text="hello"),
    "history from outside": refused("not_in_room", "history", room="THERE", limit=1),
    "say where there is no room": refused("not_in_room", "say", room="no such room", text="hi"),
    "join twice": refused("already_in_room", "join", room="HERE", name="anna"),
    "a text that is too long": refused("text_too_long", "say", room="HERE", text="x" * 65_537),
    "a text of too many bytes": refused("text_too_long", "say", room="HERE", text="é" * 32_769),
    **{f"the name {name!r}": refused("unknown_command", name, room="HERE") for name in UNKNOWN},
}


def changes_nothing(asked: Asked) -> Script:
    """A refused command changes no room, and the connection stays."""

    async def script(talk: Talk) -> None:
        ann, bob, here, there = await talk.member(), await talk.member(), talk.room(), talk.room()
        await ann.join(here, "ann")
        await bob.join(there, "bob")
        await asked(ann, here, there)
        (await ann.say(here, "still here")).must_be("said", seq=2)
        (await bob.say(there, "still here")).must_be("said", seq=2)
        await ann.sees("message", seq=2)
        await bob.sees("message", seq=2)

    return script


def untyped(kind: str, fields: Mapping[str, Any]) -> Asked:
    """A command with a field of the wrong kind."""

    async def ask(ann: Member, here: str, there: str) -> None:
        room = fields.get("room")
        said = {**fields, "room": here} if room == "den" else fields
        if kind == "join" and room == "den":
            said = {**said, "room": there}
        await ann.refused("bad_command", kind, **said)

    return ask


async def too_many_rooms(talk: Talk) -> None:
    """A connection is in 16 rooms at most."""
    ann = await talk.member()
    for _ in range(16):
        await ann.join(talk.room(), "ann")
    await ann.refused("too_many_rooms", "join", room=talk.room(), name="ann")


async def a_name_is_free_again(talk: Talk) -> None:
    """A name that was left is free."""
    ann, bob, room = await talk.member(), await talk.member(), talk.room()
    await ann.join(room, "ann")
    (await ann.ask("leave", room=room)).must_be("left")
    (await bob.join(room, "ann")).must_be("joined", members=["ann"])


# Native texts, byte by byte.


def native(name: str, *texts: bytes, check: Callable[[list[Said]], None]) -> Case:
    """A case that sends texts as they are, then a command; `check` reads the replies before it."""

    async def play(player: Player) -> Finding:
        async with player.upgraded() as connection:
            session = Frames(player, connection)
            await session.send("")  # also no command: it is answered, and the connection stays
            (await _said(session)).must_be("refused", code="bad_command")
            connection.send(b"".join(frame(TEXT, text) for text in texts))
            await session.send('{"type":"rooms","id":9}')
            replies = []
            while (said := await _said(session)).fields.get("id") != 9:
                replies.append(said)
            said.must_be("listing")
            if not replies:
                raise said.wrong("a reply before the next command's", "id")
            check(replies)
        return OK

    return Case(f"{NATIVE}/on the wire", name, WIRE, play)


async def _said(session: Session) -> Said:
    packet = await session.due("a reply")
    read = Native().read(packet)
    assert read is not None, "a native text is a reply, an event or an error"
    return read[1]


def bad_command(number: int | None = None) -> Callable[[list[Said]], None]:
    """One refusal, under this id where one is given."""

    def check(replies: list[Said]) -> None:
        reply = replies[0].must_be("refused", code="bad_command")
        if number is not None:
            reply.must_be("refused", id=number)
        if len(replies) > 1:
            raise replies[1].wrong("one reply", "type")

    return check


async def in_fragments(player: Player) -> Finding:
    """A command in fragments is a command."""
    async with player.upgraded() as connection:
        first, middle, last = b'{"type":', b'"rooms","id"', b":9}"
        connection.send(frame(TEXT, first, first=0) + frame(CONTINUATION, middle, first=0))
        connection.send(frame(CONTINUATION, last))
        (await _said(Frames(player, connection))).must_be("listing", id=9)
    return OK


async def binary(player: Player) -> Finding:
    """A binary frame is unsupported data (RFC 6455 section 7.4.1)."""
    async with player.upgraded() as connection:
        connection.send(frame(BINARY, b'{"type":"rooms","id":9}'))
        return await player.find(connection, Fails(1003), probe=True)


async def largest_id(player: Player) -> Finding:
    """An id may be any whole number from 0 to 2⁵³ − 1."""
    async with player.upgraded() as connection:
        session = Frames(player, connection)
        for number in (0, MOST_ID):
            await session.send(json.dumps({"type": "rooms", "id": number}))
            (await _said(session)).must_be("listing", id=number)
    return OK


# Packets of Socket.IO, in frames and in POSTs.


async def outcome(session: Session, *sent: Data) -> list[Packet] | None:
    """What comes up to the reply to command 8, after packets that make command 7.

    None if the session ends.
    """
    taken = [await session.send(packet) for packet in sent]
    if False in taken or not await session.send('428["rooms",{}]'):
        return None
    return await session.until("438[")


def on_socketio(name: str, packets: tuple[Data, ...], due: int, code: str = "") -> list[Case]:
    """Cases that send packets in a room: so many replies to command 7 come, or the session ends.

    `code`: the code of the one reply; the session must not end.
    """

    def case(carrier: str, opening: Opening, need: Need) -> Case:
        async def play(player: Player) -> Finding:
            async with opening(player) as session:
                await enter(session)
                room = json.dumps(f"judge {id(player)}")
                await session.send(f'421["join",{{"room":{room},"name":"raw"}}]')
                (await session.due("431[…")).must_begin("431[")
                sent = (d.replace('"den"', room) if isinstance(d, str) else d for d in packets)
                check(session, await outcome(session, *sent), due, code)
            return OK

        return steps(f"{ON_SOCKETIO}/on the wire", f"{name}, {carrier}", WIRE, play, need)

    return [case(carrier, *rest) for carrier, rest in CARRIERS.items()]


def check(session: Session, came: list[Packet] | None, due: int, code: str) -> None:
    """Check the replies to command 7 among what came. Raises WrongError."""
    if came is None:
        if code:
            session.ended_instead(f"one refusal with {code}")
        return
    replies = [packet for packet in came if str(packet.data).startswith("437")]
    if len(replies) < due:
        raise came[-1].wrong("a reply to command 7 before it, or the end of the session")
    if len(replies) > due:
        raise replies[due].wrong(f"no more than {due} replies to command 7")
    if code and f'"{code}"' not in str(replies[0].data):
        raise replies[0].wrong(f"code: {code}", str(replies[0].data).find('"code"'))


CASES = (
    *(
        case
        for name, asked in WRONG.items()
        for case in on_each("refusals", name, REFUSALS, changes_nothing(asked))
    ),
    *(
        case
        for name, (kind, fields) in UNTYPED.items()
        for case in on_each("refusals", name, REFUSALS, changes_nothing(untyped(kind, fields)))
    ),
    *on_each("refusals", "a 17th room", "Limits", too_many_rooms),
    *on_each("refusals", "a name that was left is free", "Gone", a_name_is_free_again),
    *(native(name, text, check=bad_command()) for name, text in NO_COMMANDS.items()),
    Case(f"{NATIVE}/on the wire", "a command in fragments", WIRE, in_fragments),
    Case(f"{NATIVE}/on the wire", "a binary frame", WIRE, binary),
    Case(f"{NATIVE}/on the wire", "the smallest and the largest id", WIRE, largest_id),
    *(
        case
        for name, said in SURROGATES.items()
        for case in on_socketio(f"a lone surrogate {name}", (f"427{said}",), 1, "bad_command")
    ),
    *(case for name, sent in ASKING.items() for case in on_socketio(name, sent, 1)),
    *(
        case
        for name, sent in SILENT.items()
        for case in on_socketio(f"{name} that is no command", sent, 0)
    ),
)
