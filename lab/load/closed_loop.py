"""Closed loops: the next operation starts when the last has ended; one in flight.

A closed loop measures how long an operation takes when nothing waits before it. It cannot show
what happens under an offered load: when the server stalls, it politely stops asking (coordinated
omission).
"""

from __future__ import annotations

from collections.abc import Iterable

from lab.chat.events import Joined, RoomEvent, Said
from lab.contract import Connection
from lab.load.fleet import Connect, JoinRefusedError
from lab.measure.clock import now_ns


class RefusedError(RuntimeError):
    """The room refused what the load asked for: the benchmark is not what it says it is."""


def ignore(_event: RoomEvent) -> None:
    """Take a room event and do nothing: what is timed here is the reply."""


async def round_trips(connection: Connection, room: str, texts: Iterable[str]) -> list[int]:
    """Say each text and await its reply: the RTT of each, in ns, as an application sees it."""
    samples = []
    for text in texts:
        start = now_ns()
        reply = await connection.say(room, text)
        samples.append(now_ns() - start)
        if not isinstance(reply, Said):
            raise RefusedError(f"say was refused: {reply}")
    return samples


async def handshakes(connect: Connect, count: int) -> list[int]:
    """Connect and close `count` times: the time until a command can be sent, in ns."""
    samples = []
    for _ in range(count):
        start = now_ns()
        connection = await connect(ignore)
        samples.append(now_ns() - start)
        await connection.close()
    return samples


async def times_to_join(connect: Connect, room: str, count: int) -> list[int]:
    """Connect, join and close `count` times: the time until the `joined` reply, in ns."""
    samples = []
    for _ in range(count):
        start = now_ns()
        connection = await connect(ignore)
        reply = await connection.join(room, "newcomer")
        samples.append(now_ns() - start)
        await connection.close()
        if not isinstance(reply, Joined):
            raise JoinRefusedError(f"join was refused: {reply}")
    return samples
