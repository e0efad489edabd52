"""A ping-pong: two members answer each other's texts over emulated networks.

Our member runs in Python. Its partner can be any client that repeats each text it receives, until
"bye". Neither requests the other's texts: a text arrives because the server sends it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter_ns
from typing import Any

import msgspec

from lab.chat.events import Arrived, Message, RoomEvent
from lab.claims._support.captured import captured_route
from lab.contract import Connection, ConnectOptions, Transport
from lab.interop.node import run_node
from lab.load.tapped import Capture
from lab.measure.server import ServerProcess
from lab.relay.network import Network
from transports import registry

ROOM = "ping-pong"
"""A room of its own: a measured client may be in the default room of the same server."""
OURS, THEIRS = "ann", "ben"
EXCHANGES = 5
RTT_NS = 200_000_000
"""Long compared with the delays of a busy machine."""
PATIENCE_S = 45.0

Partner = Callable[[str, str, str], Awaitable[Mapping[str, Any]]]
"""Takes a URL, a room and a name; joins, answers, leaves, and returns how many texts it `heard`."""


class PingPong(msgspec.Struct, frozen=True):
    """What was observed of a ping-pong of EXCHANGES texts in each direction.

    `exchanges_ns`: time from sending a text to receiving the answer: two deliveries.
    `heard`: texts that the partner received. `ours`, `theirs`: captures of both connections.
    """

    exchanges_ns: tuple[int, ...]
    heard: int
    ours: Capture
    theirs: Capture

    @property
    def complete(self) -> bool:
        """Whether every text arrived, on both sides."""
        return self.heard == len(self.exchanges_ns) == EXCHANGES

    @property
    def delivery_rtts(self) -> float:
        """Round-trip times that one delivery takes from one member to the other: the median."""
        return median(self.exchanges_ns) / 2 / RTT_NS


async def ping_pongs(
    transports: Iterable[str], partner: Callable[[str], Partner], arguments: Sequence[str] = ()
) -> dict[str, PingPong]:
    """Play on each of these transports that can run here, all at once: they mostly wait.

    `arguments`: more arguments of `lab serve`. Raises what `ping_pong` raises, and ServerDiedError.
    """
    there = [name for name in transports if registry.unavailable(name) is None]
    with ExitStack() as stack:
        servers = [stack.enter_context(ServerProcess(name, arguments)) for name in there]
        played = await asyncio.gather(
            *(
                ping_pong(registry.load(name), server, partner(name))
                for name, server in zip(there, servers, strict=True)
            )
        )
    return dict(zip(there, played, strict=True))


async def ping_pong(transport: Transport, server: ServerProcess, partner: Partner) -> PingPong:
    """Play a ping-pong on a running server.

    Raises:
        OSError: the server can't be reached.
        TimeoutError: something did not arrive within PATIENCE_S.
        RuntimeError: the partner failed or left early.
    """
    network = Network(delay_ns=RTT_NS // 2)
    port = int(server.ready["port"])
    seen: asyncio.Queue[Any] = asyncio.Queue()
    async with (
        captured_route(server.url, port, network) as ours,
        captured_route(server.url, port, network) as theirs,
        asyncio.timeout(PATIENCE_S),
    ):
        connection = await transport.connect(ours.entrance, seen.put_nowait, ConnectOptions())
        partnering = asyncio.ensure_future(partner(theirs.entrance, ROOM, THEIRS))
        partnering.add_done_callback(seen.put_nowait)
        try:
            await connection.join(ROOM, OURS)
            exchanges = await _play(connection, seen)
            result = await partnering
        finally:
            partnering.cancel()
            await asyncio.gather(partnering, return_exceptions=True)
            await connection.close()
        return PingPong(exchanges, int(result["heard"]), ours.capture, theirs.capture)


async def _play(connection: Connection, seen: asyncio.Queue[Any]) -> tuple[int, ...]:
    """Wait for the partner, exchange texts with it and send "bye"."""
    await _until(seen, lambda event: isinstance(event, Arrived) and event.name == THEIRS)
    exchanges = []
    for number in range(EXCHANGES):
        text = f"text {number}"
        began_ns = perf_counter_ns()
        saying = asyncio.ensure_future(connection.say(ROOM, text))
        await _until(seen, partial(_says, text))
        exchanges.append(perf_counter_ns() - began_ns)
        await saying
    await connection.say(ROOM, "bye")
    return tuple(exchanges)


def _says(text: str, event: RoomEvent) -> bool:
    return isinstance(event, Message) and (event.name, event.text) == (THEIRS, text)


async def _until(seen: asyncio.Queue[Any], wanted: Callable[[RoomEvent], bool]) -> None:
    """Read events until the wanted one. Raises the partner's error if the partner ends first."""
    while True:
        event = await seen.get()
        if isinstance(event, asyncio.Future):
            event.result()
            raise RuntimeError("the partner left before the end")
        if wanted(event):
            return


def node_partner(transports: tuple[str, ...] = ()) -> Partner:
    """Return a partner that runs in Node, with the JavaScript client or with bare `ws`."""

    async def play(url: str, room: str, name: str) -> Mapping[str, Any]:
        script = Path(__file__).parent / "js" / "ping_pong.mjs"
        arguments = [",".join(transports)] if transports else []
        result = await run_node(script, url, room, name, *arguments, timeout_s=PATIENCE_S)
        return result.lines[0]

    return play
