"""Loses one packet on its way to a client, and times the message of another room behind it.

Two rooms on one connection share its order: TCP hands over nothing that is behind a gap (RFC 9293
3.4), so the second room waits for the first one's packet. On two connections nothing waits.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from typing import Any, TypeVar

from lab.chat.events import Joined, Message, RoomEvent
from lab.contract import Connection
from lab.link.link import Link, Side
from lab.load.closed_loop import ignore
from lab.load.fleet import Connect, JoinRefusedError
from lab.measure.clock import now_ns
from lab.relay.network import SECOND_NS

ROOMS = ("first", "second")
TEXT = "x" * 200
LEAST_BYTES = 200
"""An IP packet of this size or more carries the text; acknowledgements and pings are smaller."""
PATIENCE_S = 60.0
SETTLING_RTTS = 3
WAITS = 2.0
"""A message that takes this many ways has waited. Behind a gap it takes three at least: the packet
behind the lost one arrives, the receiver says what it lacks, and the sender sends it again."""

_VISITS = count()
"""So that nobody waits for a name whose former member the server still sees."""

T = TypeVar("T")
Run = Callable[[Coroutine[Any, Any, T]], Awaitable[T]]


class NotLostError(RuntimeError):
    """Another number of packets was lost than the one that was asked for."""


@contextmanager
def loop_on(link: Link, side: Side) -> Iterator[Callable[[Coroutine[Any, Any, T]], Awaitable[T]]]:
    """An event loop in a thread of its own, whose sockets are on a side of the link.

    Yields the function that runs a coroutine there, for the loop of the caller to await.
    """
    loop = asyncio.new_event_loop()

    def run() -> None:
        with link.inside(side):
            loop.run_forever()

    thread = threading.Thread(target=run, name=f"on the {side}'s side")
    thread.start()
    try:
        yield lambda work: asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, loop))
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class OtherRoom:
    """A speaker beside the server, and listeners of two rooms on the other side of a link.

    The speaker's own packets do not cross the link, so none of them can be the lost one.
    """

    def __init__(self, link: Link, connect: Connect, speaking: Run[Any]) -> None:
        self._link = link
        self._connect = connect
        self._speaking = speaking
        self._heard: dict[str, asyncio.Future[int]] = {}

    async def delays(self, connections: int, trials: int, lose: bool) -> list[int]:
        """How long the second room's message takes, in ns, each time.

        `connections`: 1 for both rooms, or 2, one for each. `lose`: the packet with the first
        room's message. Raises NotLostError.
        """
        speaker = await self._speaking(enter(self._connect, ignore, ROOMS, "speaker"))
        rooms = [ROOMS] if connections == 1 else [(room,) for room in ROOMS]
        listeners = [await enter(self._connect, self._hear, each, "listener") for each in rooms]
        try:
            return [await self._one(speaker, lose) for _ in range(trials)]
        finally:
            for each in listeners:
                await each.close()
            await self._speaking(speaker.close())

    def _hear(self, event: RoomEvent) -> None:
        if isinstance(event, Message) and not self._heard[event.room].done():
            self._heard[event.room].set_result(now_ns())

    async def _one(self, speaker: Connection, lose: bool) -> int:
        self._heard = {room: asyncio.get_running_loop().create_future() for room in ROOMS}
        return await behind_lost(self._link, lose, partial(self._say_and_hear, speaker))

    async def _say_and_hear(self, speaker: Connection) -> int:
        said_ns: int = await self._speaking(_say_both(speaker))
        _, heard_ns = await asyncio.gather(*self._heard.values())
        return heard_ns - said_ns


async def enter(
    connect: Connect, on_event: Callable[[RoomEvent], None], rooms: Iterable[str], name: str
) -> Connection:
    """Connect and join rooms, under a name that nobody has had. Raises JoinRefusedError."""
    connection = await connect(on_event)
    for room in rooms:
        reply = await connection.join(room, f"{name} {next(_VISITS)}")
        if not isinstance(reply, Joined):
            raise JoinRefusedError(f"{name} was refused: {reply}")
    return connection


async def behind_lost(link: Link, lose: bool, measure: Callable[[], Awaitable[int]]) -> int:
    """Measure while the next packet with a text is lost on its way to the client, or none.

    Raises NotLostError.
    """
    # After a loss a sender may have one packet under way (RFC 5681 3.1). Until that one is
    # acknowledged, the first room's next one waits, and the second room's would be lost.
    await asyncio.sleep(SETTLING_RTTS * link.network.rtt_ns / SECOND_NS)
    before = link.counted()["down"].lost
    if lose:
        link.lose_next("down", LEAST_BYTES)
    async with asyncio.timeout(PATIENCE_S):
        measured = await measure()
    lost = link.counted()["down"].lost - before
    if lost != lose:
        raise NotLostError(f"{lost} packets were lost, and not {int(lose)}")
    return measured


async def _say_both(speaker: Connection) -> int:
    """Speak in both rooms. Returns when the second text was said."""
    await speaker.say(ROOMS[0], TEXT)
    said_ns = now_ns()
    await speaker.say(ROOMS[1], TEXT)
    return said_ns
