"""Plays a scripted conversation through the relay, for the ledger and `lab trace`.

Nothing here is timed: bytes and times are never measured together.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from lab.chat.events import Joined, Message, RoomEvent
from lab.contract import ClientTls, Connection, ConnectOptions, Transport
from lab.decode.decode import decode
from lab.decode.sealed import with_records
from lab.decode.tree import Trace
from lab.load.fleet import JoinRefusedError
from lab.relay.capture import Traffic
from lab.relay.relay import Chunk, ConnectionEvent, Network, Relay

PATIENCE_S = 30.0


class Capture(msgspec.Struct, frozen=True):
    """What the relay saw, in order. `counted` is the relay's own count of all bytes."""

    chunks: list[Chunk]
    events: list[ConnectionEvent]
    counted: Traffic


def opened_with(capture: Capture, tls: ClientTls | None) -> tuple[Capture, Trace]:
    """The capture without TLS, and decoded with it. `tls` None: it was without TLS.

    The relay is in front of TLS. Its records are opened by the `keys` of the client.
    """
    if tls is None or tls.keys is None:
        return capture, decode(capture.chunks, capture.events)
    from lab.tls.opened import opened  # noqa: PLC0415 - an extra

    found = opened(capture.chunks, Path(tls.keys).read_text(encoding="ascii"))
    inside = msgspec.structs.replace(capture, chunks=found.chunks)
    return inside, with_records(decode(found.chunks, capture.events), found.records)


def trace_of(capture: Capture, tls: ClientTls | None = None) -> Trace:
    """Decode a capture; see `opened_with`."""
    return opened_with(capture, tls)[1]


class Script(msgspec.Struct, frozen=True):
    """One client's session: connect, join, say each text after the last arrived, idle, close."""

    room: str = "lobby"
    name: str = "ann"
    texts: tuple[str, ...] = ()
    idle_s: float = 0.0


def through(url: str, port: int, relay: Relay) -> str:
    """The URL of the server at `port`, through the relay."""
    return url.replace(f":{port}", f":{relay.port}", 1)


async def converse(
    transport: Transport,
    url: str,
    port: int,
    script: Script,
    options: ConnectOptions,
    network: Network | None = None,
    visits: int = 1,
) -> Capture:
    """Play the script through a relay, `visits` times in turn. Returns what crossed it.

    Raises:
        OSError: the server can't be reached.
        TimeoutError: a delivery did not arrive.
    """
    chunks: list[Chunk] = []
    events: list[ConnectionEvent] = []
    async with Relay(
        "127.0.0.1", port, network=network, tap=chunks.append, watch=events.append
    ) as relay:
        for _ in range(visits):
            arrived: asyncio.Queue[str] = asyncio.Queue()
            connection = await transport.connect(
                through(url, port, relay), _listener(arrived), options
            )
            try:
                await _visit(connection, script, arrived)
            finally:
                await connection.close()
    return Capture(chunks, events, relay.total)


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
