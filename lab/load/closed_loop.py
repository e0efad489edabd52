"""Closed loops: the next operation starts when the last one has ended, so one is in flight.

A closed loop measures how long an operation takes when nothing waits before it. It can't show what
happens under an offered load: when the server stalls, it stops sending (coordinated omission).
"""

from __future__ import annotations

from collections.abc import Iterable

from lab.chat.events import Joined, RoomEvent, Said
from lab.contract import Connection
from lab.load.fleet import Connect, JoinRefusedError
from lab.measure.clock import now_ns


class RefusedError(RuntimeError):
    """The room refused a command of the load, so the benchmark is not valid."""


def ignore(_event: RoomEvent) -> None:
    """Ignore a room event. Only replies are timed here."""


async def round_trips(connection: Connection, room: str, texts: Iterable[str]) -> list[int]:
    """Say each text and await its reply. Returns each RTT in ns, as an application sees it."""
    samples = []
    for text in texts:
        start = now_ns()
        reply = await connection.say(room, text)
        samples.append(now_ns() - start)
        if not isinstance(reply, Said):
            raise RefusedError(f"say was refused: {reply}")
    return samples


async def handshakes(connect: Connect, count: int) -> list[int]:
    """Connect and close `count` times. Returns the times until a command can be sent, in ns."""
    samples = []
    for _ in range(count):
        start = now_ns()
        connection = await connect(ignore)
        samples.append(now_ns() - start)
        await connection.close()
    return samples


async def times_to_join(connect: Connect, room: str, count: int) -> list[int]:
    """Connect, join and close `count` times. Returns the times until the `joined` reply, in ns."""
    samples = []
    for number in range(count):
        start = now_ns()
        connection = await connect(ignore)
        # On a slow network the server learns late that the one before has left with its name.
        reply = await connection.join(room, f"newcomer {number}")
        samples.append(now_ns() - start)
        await connection.close()
        if not isinstance(reply, Joined):
            raise JoinRefusedError(f"join was refused: {reply}")
    return samples
