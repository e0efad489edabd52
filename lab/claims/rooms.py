"""The claim `rooms`: a message reaches its room and nobody else, in a thousand rooms at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import count, product

import msgspec

from lab.claims.claim import Claim, Finding, Verdict, verdict_of
from lab.claims.listener import Listener
from lab.claims.taped import taped
from lab.contract import Connection, ConnectOptions, Transport
from lab.load.tapped import Tape
from lab.measure.server import ServerProcess
from transports import registry

ROOMS = 1000
ROOMS_EACH = 16
"""As many as one connection may be in (`Limits.rooms_per_connection`)."""
SOCKETIO = ("socketio-websocket", "node-socketio-websocket")
"""Their rooms are the library's own."""
NATIVE = ("websocket",)
"""Its rooms are the lab's, written by hand."""
PATIENCE_S = 30.0


class Count(msgspec.Struct, frozen=True):
    """Deliveries on one wire. `missed`: not made; `leaked`: to who is not in the room."""

    wire: str
    members: int
    due: int
    missed: int
    leaked: int
    doubled: int

    @property
    def kept(self) -> bool:
        """Whether each message reached its room, and nobody else."""
        return not (self.missed or self.leaked or self.doubled)


def layout(rooms: int, each: int) -> list[list[str]]:
    """The rooms of each member: two members a room, who have hardly another room in common.

    The first half of the members have neighbouring rooms, the second half rooms far apart, so that
    one number mistaken for another brings a message to somebody who is not in its room.
    """
    names = [f"room {number}" for number in range(rooms)]
    neighbouring = [names[start : start + each] for start in range(0, rooms, each)]
    apart = [names[start :: len(neighbouring)] for start in range(len(neighbouring))]
    return [*neighbouring, *apart]


def tally(
    wire: str, members: Sequence[Iterable[str]], heard: Sequence[Iterable[tuple[str, str]]]
) -> Count:
    """Hold what each member has heard, as (room, text), against what was said in its rooms.

    Every member speaks once in each of its rooms, and is heard by all who are in it.
    """
    inside: dict[str, list[int]] = {}
    for number, rooms in enumerate(members):
        for room in rooms:
            inside.setdefault(room, []).append(number)
    due = {
        (listener, room, text_for(room, speaker))
        for room, present in inside.items()
        for speaker, listener in product(present, repeat=2)
    }
    came = Counter((number, *one) for number, theirs in enumerate(heard) for one in theirs)
    leaked = sum(times for one, times in came.items() if one not in due)
    doubled = sum(times - 1 for one, times in came.items() if one in due)
    return Count(wire, len(members), len(due), len(due - came.keys()), leaked, doubled)


def text_for(room: str, speaker: int) -> str:
    """What this member says in this room, and nowhere else."""
    return f"from {speaker} for {room}"


async def play(wire: Transport, server: ServerProcess) -> tuple[Count, Tape]:
    """Fill the rooms, let everybody speak in each of his, and count who has heard what.

    With what crossed the line of the first member.
    """
    members = layout(ROOMS, ROOMS_EACH)
    ears = [Listener() for _ in members]
    connections: list[Connection] = []
    async with taped(server.url, int(server.ready["port"])) as line:
        try:
            for number, (listener, rooms) in enumerate(zip(ears, members, strict=True)):
                url = server.url if connections else line.entrance
                connections.append(await wire.connect(url, listener, ConnectOptions()))
                joining = (connections[-1].join(room, f"member {number}") for room in rooms)
                await asyncio.gather(*joining)
            await asyncio.gather(*map(_speak, connections, members, count()))
            await _all_heard(connections, members, ears)
        finally:
            await asyncio.gather(*(connection.close() for connection in connections))
        return tally(wire.name, members, [listener.heard for listener in ears]), line.tape


async def _speak(connection: Connection, rooms: Iterable[str], speaker: int) -> None:
    for room in rooms:
        await connection.say(room, text_for(room, speaker))


async def _all_heard(
    connections: Iterable[Connection],
    members: Iterable[Sequence[str]],
    ears: Iterable[Listener],
) -> None:
    """Wait until everybody has heard as many texts as are due; not for ever, if some are lost.

    Then everybody asks for something: what had leaked before is there when the answer is.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_S):
            for listener, rooms in zip(ears, members, strict=True):
                await listener.has_heard(2 * len(rooms))
    await asyncio.gather(
        *(one.history(rooms[0], 1) for one, rooms in zip(connections, members, strict=True))
    )


def judge(counts: Iterable[Count]) -> Verdict:
    """Each message reached its room and nobody else on all wires, on some, or on none."""
    return verdict_of(counted.kept for counted in counts)


async def test() -> Finding:
    """Play it on each of the wires that can run here."""
    counts, tapes = [], {}
    for name in (*SOCKETIO, *NATIVE):
        if name in registry.WIRES and registry.unavailable(name) is None:
            with ServerProcess(name, ["--unpaced"]) as server:
                counted, tape = await play(registry.load(name), server)
            counts.append(counted)
            tapes[f"{name}, one member in {ROOMS_EACH} rooms"] = tape
    return Finding(judge(counts), tuple(map(_told, counts)), tapes)


def _told(counted: Count) -> str:
    whose = "Socket.IO's own" if counted.wire in SOCKETIO else "written by hand"
    return (
        f"{counted.wire} (rooms {whose}): {ROOMS:,} rooms, {counted.members} members, "
        f"{counted.due:,} deliveries due; {counted.missed} missed, {counted.leaked} leaked, "
        f"{counted.doubled} doubled."
    )


CLAIM = Claim(
    name="rooms",
    english="Socket.IO has rooms: a message can be sent to one room, and reaches nobody else.",
    korean=(
        "Socket.IO에는 방(room) 기능이 있어 메시지를 방별로 보낼 수 있고, "
        "다른 방에는 전달되지 않는다."
    ),
    asked=(
        "In a thousand rooms, most of their members in sixteen at once, everybody speaks in each "
        "of his rooms, and every delivery is held against who is in which room."
    ),
    verdict=Verdict.HOLDS,
    because=(
        "A room is a set of connections that the server keeps, and Socket.IO keeps it for you. "
        "Native WebSocket has no such thing, but the same set takes a few lines and keeps rooms "
        "apart just as well."
    ),
    test=test,
)
