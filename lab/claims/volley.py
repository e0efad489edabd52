"""Among the claims: a volley, in which two members on emulated lines hear each other in turn.

A member of ours speaks Python; its partner is anybody who says again what he hears, until "bye".
Neither asks for what the other says: whoever hears it, hears it because the server sent it.
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
from lab.claims.taped import taped
from lab.contract import Connection, ConnectOptions, Transport
from lab.interop.node import run_node
from lab.load.tapped import Tape
from lab.measure.server import ServerProcess
from lab.wire.network import Network
from transports import registry

ROOM = "court"
OURS, THEIRS = "ann", "ben"
EXCHANGES = 5
RTT_NS = 200_000_000
"""Long enough for a loaded machine's delays to be short beside it."""
PATIENCE_S = 45.0

Partner = Callable[[str, str, str], Awaitable[Mapping[str, Any]]]
"""Given a URL, a room and a name: joins, answers, leaves, and tells how many texts it `heard`."""


class Volley(msgspec.Struct, frozen=True):
    """What was seen of a volley of EXCHANGES there and back.

    `exchanges_ns`: from saying something to hearing it from the other, two deliveries later.
    `heard`: texts that the partner heard. `ours`, `theirs`: all that crossed the two lines.
    """

    exchanges_ns: tuple[int, ...]
    heard: int
    ours: Tape
    theirs: Tape

    @property
    def complete(self) -> bool:
        """Whether every text arrived, on both sides."""
        return self.heard == len(self.exchanges_ns) == EXCHANGES

    @property
    def delivery_rtts(self) -> float:
        """Round-trip times that a text takes from one member to the other, the median."""
        return median(self.exchanges_ns) / 2 / RTT_NS


async def volleys(
    wires: Iterable[str], partner: Callable[[str], Partner], arguments: Sequence[str] = ()
) -> dict[str, Volley]:
    """Play one on each of these wires that can run here, side by side: all of them mostly wait.

    `arguments` are further ones of `lab serve`. Raises what `volley` does, and ServerDiedError.
    """
    there = [name for name in wires if registry.unavailable(name) is None]
    with ExitStack() as stack:
        servers = [stack.enter_context(ServerProcess(name, arguments)) for name in there]
        played = await asyncio.gather(
            *(
                volley(registry.load(name), server, partner(name))
                for name, server in zip(there, servers, strict=True)
            )
        )
    return dict(zip(there, played, strict=True))


async def volley(wire: Transport, server: ServerProcess, partner: Partner) -> Volley:
    """Play a volley on a running server.

    Raises:
        OSError: the server can't be reached.
        TimeoutError: something did not arrive within PATIENCE_S.
        RuntimeError: the partner failed, or went away.
    """
    network = Network(delay_ns=RTT_NS // 2)
    port = int(server.ready["port"])
    seen: asyncio.Queue[Any] = asyncio.Queue()
    async with (
        taped(server.url, port, network) as ours,
        taped(server.url, port, network) as theirs,
        asyncio.timeout(PATIENCE_S),
    ):
        connection = await wire.connect(ours.entrance, seen.put_nowait, ConnectOptions())
        partnering = asyncio.ensure_future(partner(theirs.entrance, ROOM, THEIRS))
        partnering.add_done_callback(seen.put_nowait)
        try:
            await connection.join(ROOM, OURS)
            exchanges = await _play(connection, seen)
            told = await partnering
        finally:
            partnering.cancel()
            await asyncio.gather(partnering, return_exceptions=True)
            await connection.close()
        return Volley(exchanges, int(told["heard"]), ours.tape, theirs.tape)


async def _play(connection: Connection, seen: asyncio.Queue[Any]) -> tuple[int, ...]:
    """Wait for the partner, exchange some texts with him and say goodbye."""
    await _until(seen, lambda event: isinstance(event, Arrived) and event.name == THEIRS)
    exchanges = []
    for number in range(EXCHANGES):
        text = f"ball {number}"
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
    """Read on until what is wanted. Raises what the partner failed with, if he is gone."""
    while True:
        event = await seen.get()
        if isinstance(event, asyncio.Future):
            event.result()
            raise RuntimeError("the partner went away before the end")
        if wanted(event):
            return


def node_partner(transports: tuple[str, ...] = ()) -> Partner:
    """A partner in Node: with the JavaScript client and these transports, or on bare `ws`."""

    async def play(url: str, room: str, name: str) -> Mapping[str, Any]:
        script = Path(__file__).parent / "js" / "volley.mjs"
        asked = [",".join(transports)] if transports else []
        result = await run_node(script, url, room, name, *asked, timeout_s=PATIENCE_S)
        return result.lines[0]

    return play
