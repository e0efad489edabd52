"""A scripted conversation through the relay: what the ledger counts and `lab trace` shows.

Bytes and times are never taken together: nothing in here is timed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec

from lab.chat.events import Joined, Message, RoomEvent
from lab.contract import Connection, ConnectOptions, Transport
from lab.load.fleet import JoinRefusedError
from lab.wire.relay import Chunk, LineEvent, Network, Relay
from lab.wire.tape import Traffic

PATIENCE_S = 30.0


class Tape(msgspec.Struct, frozen=True):
    """What the relay saw, in its order. `counted` is its own count of all bytes."""

    chunks: list[Chunk]
    events: list[LineEvent]
    counted: Traffic


class Script(msgspec.Struct, frozen=True):
    """One client's visit: connect, join, say each text when the last was delivered, idle, close."""

    room: str = "lobby"
    name: str = "ann"
    texts: tuple[str, ...] = ()
    idle_s: float = 0.0


def through(url: str, port: int, relay: Relay) -> str:
    """The URL of the server at `port`, by way of the relay."""
    return url.replace(f":{port}", f":{relay.port}", 1)


async def converse(
    wire: Transport,
    url: str,
    port: int,
    script: Script,
    options: ConnectOptions,
    network: Network | None = None,
    visits: int = 1,
) -> Tape:
    """Play the script through a relay, `visits` times in turn, and return what crossed it.

    Raises:
        OSError: the server can't be reached.
        TimeoutError: a delivery did not come.
    """
    chunks: list[Chunk] = []
    events: list[LineEvent] = []
    async with Relay(
        "127.0.0.1", port, network=network, tap=chunks.append, watch=events.append
    ) as relay:
        for _ in range(visits):
            arrived: asyncio.Queue[str] = asyncio.Queue()
            connection = await wire.connect(through(url, port, relay), _listener(arrived), options)
            try:
                await _visit(connection, script, arrived)
            finally:
                await connection.close()
    return Tape(chunks, events, relay.total)


def _listener(arrived: asyncio.Queue[str]) -> Callable[[RoomEvent], Any]:
    def listen(event: RoomEvent) -> None:
        if isinstance(event, Message):
            arrived.put_nowait(event.text)

    return listen


async def _visit(connection: Connection, script: Script, arrived: asyncio.Queue[str]) -> None:
    async with asyncio.timeout(PATIENCE_S + script.idle_s):
        joined = await connection.join(script.room, script.name)
        if not isinstance(joined, Joined):
            raise JoinRefusedError(f"join was refused: {joined}")
        for text in script.texts:
            await connection.say(script.room, text)
            await arrived.get()
        await asyncio.sleep(script.idle_s)
