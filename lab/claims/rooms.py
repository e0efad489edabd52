"""The claim `rooms`: a message reaches the members of its room only, with 1,000 rooms at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import count, product

import msgspec

from lab.bilingual import Bilingual
from lab.claims._support.captured import captured_route
from lab.claims._support.claim import Claim, Finding, Verdict, verdict_of
from lab.claims._support.listener import Listener
from lab.contract import Connection, ConnectOptions, Transport
from lab.load.tapped import Capture
from lab.measure.server import ServerProcess
from transports import registry

ROOMS = 1000
ROOMS_EACH = 16
"""The most rooms that one connection may be in (`Limits.rooms_per_connection`)."""
SOCKETIO = ("socketio-websocket", "node-socketio-websocket")
"""Transports that use the library's own rooms."""
NATIVE = ("websocket",)
"""Transports that use the lab's rooms, written by hand."""
PATIENCE_S = 30.0


class Count(msgspec.Struct, frozen=True):
    """Deliveries on one transport. `missed`: not made. `leaked`: made to a stranger."""

    transport: str
    members: int
    due: int
    missed: int
    leaked: int
    doubled: int

    @property
    def kept(self) -> bool:
        """Whether each message reached all members of its room, once, and no other connection."""
        return not (self.missed or self.leaked or self.doubled)


def layout(rooms: int, each: int) -> list[list[str]]:
    """Return the rooms of each member: two members per room, with hardly another room in common.

    The first half of the members have neighbouring rooms, the second half rooms far apart. So a
    server that mixes up two numbers delivers a message to a member that is not in its room.
    """
    names = [f"room {number}" for number in range(rooms)]
    neighbouring = [names[start : start + each] for start in range(0, rooms, each)]
    apart = [names[start :: len(neighbouring)] for start in range(len(neighbouring))]
    return [*neighbouring, *apart]


def tally(
    transport: str, members: Sequence[Iterable[str]], heard: Sequence[Iterable[tuple[str, str]]]
) -> Count:
    """Compare what each member received, as (room, text), with what was sent in its rooms.

    Every member sends one text in each of its rooms, and all members of the room receive it.
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
    return Count(transport, len(members), len(due), len(due - came.keys()), leaked, doubled)


def text_for(room: str, speaker: int) -> str:
    """The text that this member sends in this room only."""
    return f"from {speaker} for {room}"


async def play(transport: Transport, server: ServerProcess) -> tuple[Count, Capture]:
    """Fill the rooms, let every member send in each of its rooms, and count the deliveries.

    Return the count and a capture of the first member's connection.
    """
    members = layout(ROOMS, ROOMS_EACH)
    listeners = [Listener() for _ in members]
    connections: list[Connection] = []
    async with captured_route(server.url, int(server.ready["port"])) as route:
        try:
            for number, (listener, rooms) in enumerate(zip(listeners, members, strict=True)):
                url = server.url if connections else route.entrance
                connections.append(await transport.connect(url, listener, ConnectOptions()))
                joining = (connections[-1].join(room, f"member {number}") for room in rooms)
                await asyncio.gather(*joining)
            await asyncio.gather(*map(_speak, connections, members, count()))
            await _all_heard(connections, members, listeners)
        finally:
            await asyncio.gather(*(connection.close() for connection in connections))
        return tally(
            transport.name, members, [listener.heard for listener in listeners]
        ), route.capture


async def _speak(connection: Connection, rooms: Iterable[str], speaker: int) -> None:
    for room in rooms:
        await connection.say(room, text_for(room, speaker))


async def _all_heard(
    connections: Iterable[Connection],
    members: Iterable[Sequence[str]],
    listeners: Iterable[Listener],
) -> None:
    """Wait until each member has received as many texts as are due, or the time limit is over.

    Then each member sends a request: a text that leaked before has arrived when the reply arrives.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_S):
            for listener, rooms in zip(listeners, members, strict=True):
                await listener.has_heard(2 * len(rooms))
    await asyncio.gather(
        *(one.history(rooms[0], 1) for one, rooms in zip(connections, members, strict=True))
    )


def judge(counts: Iterable[Count]) -> Verdict:
    """Judge whether messages stay in their rooms on all transports, on some, or on none."""
    return verdict_of(counted.kept for counted in counts)


async def test() -> Finding:
    """Run the experiment on each transport that can run here."""
    counts, captures = [], {}
    for name in (*SOCKETIO, *NATIVE):
        if name in registry.TRANSPORTS and registry.unavailable(name) is None:
            with ServerProcess(name, ["--unpaced"]) as server:
                counted, capture = await play(registry.load(name), server)
            counts.append(counted)
            captures[f"{name}, one member in {ROOMS_EACH} rooms"] = capture
    in_short = IN_SHORT.fill(
        rooms=ROOMS,
        due=sum(it.due for it in counts),
        transports=len(counts),
        missed=sum(it.missed for it in counts),
        leaked=sum(it.leaked for it in counts),
    )
    return Finding(judge(counts), in_short, tuple(map(_describe, counts)), captures)


IN_SHORT = Bilingual(
    "{due:,} deliveries in {rooms:,} rooms on {transports} transports: {missed} missed, {leaked} "
    "leaked into another room.",
    "전송 방식 {transports}가지, 방 {rooms:,}개의 전달 {due:,}건 중 누락 {missed}건, 다른 방으로 "
    "샌 것 {leaked}건입니다.",
)
COUNTED = Bilingual(
    "{transport} (rooms {whose}): {rooms:,} rooms, {members} members, {due:,} deliveries due; "
    "{missed} missed, {leaked} leaked, {doubled} doubled.",
    "{transport} ({whose}): 방 {rooms:,}개, 참가자 {members}명, 전달되어야 할 메시지 {due:,}건. "
    "누락 {missed}건, 다른 방으로 샌 것 {leaked}건, 중복 {doubled}건.",
)
OWN = Bilingual("Socket.IO's own", "Socket.IO의 방")
BY_HAND = Bilingual("written by hand", "직접 만든 방")


def _describe(counted: Count) -> Bilingual:
    whose = OWN if counted.transport in SOCKETIO else BY_HAND
    return COUNTED.fill(whose=whose, rooms=ROOMS, **msgspec.structs.asdict(counted))


CLAIM = Claim(
    name="rooms",
    said=Bilingual(
        "Socket.IO has rooms: you can send a message to one room, and it reaches nobody else.",
        "Socket.IO에는 방(room) 기능이 있어 메시지를 방별로 보낼 수 있고, 다른 방에는 전달되지 "
        "않습니다.",
    ),
    experiment=Bilingual(
        "In a thousand rooms, with most members in sixteen rooms at once, every member sends a "
        "text in each of its rooms. The lab checks every delivery against the room's members.",
        "방 천 개를 만들고 대부분의 참가자를 열여섯 개의 방에 넣은 다음, 모두가 자기 방마다 "
        "메시지를 보냅니다. 모든 전달을 방의 참가자 목록과 비교합니다.",
    ),
    verdict=Verdict.HOLDS,
    because=Bilingual(
        "A room is a set of connections that the server keeps, and Socket.IO keeps it for you. "
        "Native WebSocket has no rooms, but the same set takes a few lines of code and separates "
        "rooms just as well.",
        "방은 서버가 관리하는 연결의 집합이고, Socket.IO는 그것을 대신 관리합니다. 순수한 "
        "WebSocket에는 방이 없지만, 같은 집합은 코드 몇 줄이면 만들 수 있고 방을 똑같이 잘 "
        "나눕니다.",
    ),
    test=test,
)
