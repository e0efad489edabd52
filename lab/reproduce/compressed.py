"""Repeats three published measurements of WebSocket compression, which seem to contradict.

Published: (1) https://github.com/Positronic-Robotics/positronic/pull/755 "Refuse permessage-deflate
on the websocket wire", 2026-09-15; (2) https://github.com/mattermost/mattermost/pull/37714 "Spike:
WebSocket permessage-deflate compression with wire-size measurements", 2026-07-28; (3)
https://github.com/websockets/ws/issues/756 "perMessageDeflate performance", 2016-06-15.
"""

from __future__ import annotations

import random
import string
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from typing import Any

import msgspec
import numpy as np
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.extensions.permessage_deflate import (
    ClientPerMessageDeflateFactory,
    ServerPerMessageDeflateFactory,
)

from lab.interop.node import run_node
from lab.measure.clock import now_ns
from lab.relay.relay import Relay

HEY = Path(__file__).parent / "js" / "hey.mjs"
PATIENCE_S = 120.0


class OfFrames(msgspec.Struct, frozen=True):
    """A row of (1): the median of calls with an observation of two camera frames, in ms."""

    name: str
    side: int
    """Of each frame, in pixels; a pixel has three bytes."""
    deflated_ms: float
    plain_ms: float

    @property
    def bytes(self) -> int:
        """Size of an observation."""
        return 2 * 3 * self.side**2


class OfEvents(msgspec.Struct, frozen=True):
    """A row of (2): bytes on the wire of an event, frame included.

    `kept`: the part that is left where the context is kept, as printed.
    """

    name: str
    plain_bytes: float
    alone_bytes: float
    kept: float


class OfLoop(msgspec.Struct, frozen=True):
    """(3): messages of 3 bytes per second, as its loop counts them, once it runs."""

    deflated_per_s: float
    plain_per_s: float


OBSERVATIONS = (OfFrames("338 KiB", 240, 11.1, 0.9), OfFrames("1.32 MiB", 480, 37.4, 1.9))
TYPING = OfEvents("typing", 277, 169, 0.28)
LOOP = OfLoop(10_000, 79_000)
CALLS = 20
"""Calls of a pass, as in (1)."""
EVENTS = 100
"""Events, as in (2)."""
FEW = 10
"""People who type, where they are a few."""
RATIO_OF_A_FRAME = 0.40
"""What zlib leaves of a raw frame in (1); the frames here are made so that it leaves as much."""

PLAIN, DEFLATED = "plain", "deflated"
Passes = Mapping[str, Sequence[float]]
"""`PLAIN` and `DEFLATED` -> one value per pass. The first pass of calls does not count."""


class Sizes(msgspec.Struct, frozen=True):
    """Bytes on the wire of one event, frame included, as measured.

    `alone`: each is compressed alone. `kept`, `kept_of_few`: with the context kept, where each
    event has other people and channels, and where they are a few.
    """

    plain: float
    alone: float
    kept: float
    kept_of_few: float


class Loop(msgspec.Struct, frozen=True):
    """The loop, as measured: calls of send(), and messages that arrived, per second, per pass."""

    sent: Passes
    delivered: Passes


class Redone(msgspec.Struct, frozen=True):
    """All that was measured. `frames`: name of the observation -> ms. `loop` None: no Node."""

    frames: Mapping[str, Passes]
    typing: Sizes
    loop: Loop | None


def observation(side: int, seed: int) -> bytes:
    """Two raw frames: rows of one brightness each, with two bits of noise in every byte.

    zlib leaves about `RATIO_OF_A_FRAME` of them.
    """
    rng = np.random.default_rng(seed)
    rows = rng.integers(0, 252, size=(2 * side, 1), dtype=np.uint8)
    noise = rng.integers(0, 4, size=(2 * side, 3 * side), dtype=np.uint8)
    return (rows + noise).tobytes()


def typing_events(people: int, count: int = EVENTS) -> list[str]:
    """Events that say who of so many people is typing, of 273 bytes each, as in (2)."""
    rng = random.Random(people)
    pairs = [(_id(rng), _id(rng)) for _ in range(people)]
    return [_typing(*pairs[n % people], 1000 + n) for n in range(count)]


def _typing(user: str, channel: str, number: int) -> str:
    broadcast = {
        "omit_users": {user: True},
        "user_id": "",
        "channel_id": channel,
        "team_id": "",
        "connection_id": "",
        "omit_connection_id": "",
    }
    data, to = (_json(each) for each in ({"parent_id": "", "user_id": user}, broadcast))
    return f'{{"event": "typing", "data": {data}, "broadcast": {to}, "seq": {number}}}'


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _id(rng: random.Random) -> str:
    return "".join(rng.choices(string.ascii_lowercase + string.digits, k=26))


async def measure_frames(row: OfFrames, passes: int) -> dict[str, list[float]]:
    """The median time of a call in each pass, in ms: an observation up, a short answer down.

    Server and client share this process. They work one after the other in any case.
    """
    found = _no_passes()
    observations = [observation(row.side, seed) for seed in range(CALLS)]
    async with _answering(None) as plain, _answering("deflate") as deflated:
        clients = {PLAIN: plain, DEFLATED: deflated}
        for number in range(passes + 1):
            for name in _turns(number):
                took = [await _call(clients[name], each) for each in observations]
                found[name] += [median(took)] if number else []
    return found


@asynccontextmanager
async def _answering(compression: str | None) -> AsyncIterator[ClientConnection]:
    """A client of a server that answers each observation, with the library's own settings."""

    async def answer(connection: ServerConnection) -> None:
        async for _ in connection:
            await connection.send(b"an action")

    async with (
        serve(answer, "127.0.0.1", 0, compression=compression, max_size=None) as server,
        connect(_url(_port(server)), compression=compression, proxy=None) as client,
    ):
        yield client


async def _call(client: ClientConnection, what: bytes) -> float:
    begun = now_ns()
    await client.send(what)
    await client.recv()
    return (now_ns() - begun) / 1e6


def _port(server: Server) -> int:
    port: int = next(iter(server.sockets)).getsockname()[1]
    return port


def _url(port: int) -> str:
    return f"ws://127.0.0.1:{port}/"


async def measure_typing() -> Sizes:
    """Count the bytes of typing events on the wire."""
    return Sizes(
        plain=await _bytes_of_an_event(typing_events(EVENTS), None),
        alone=await _bytes_of_an_event(typing_events(EVENTS), False),
        kept=await _bytes_of_an_event(typing_events(EVENTS), True),
        kept_of_few=await _bytes_of_an_event(typing_events(FEW), True),
    )


async def _bytes_of_an_event(events: Sequence[str], takeover: bool | None) -> float:
    """Send events to one client through a relay. `takeover` None: without compression."""
    extensions = None if takeover is None else [_deflate(takeover)]
    offers = [ClientPerMessageDeflateFactory()]

    async def say(connection: ServerConnection) -> None:
        await connection.recv()
        for event in events:
            await connection.send(event)
        await connection.wait_closed()

    async with (
        serve(say, "127.0.0.1", 0, compression=None, extensions=extensions) as server,
        Relay("127.0.0.1", _port(server)) as relay,
        connect(_url(relay.port), compression=None, extensions=offers, proxy=None) as client,
    ):
        before = relay.total.down_bytes
        await client.send("go")
        for _ in events:
            await client.recv()
        return (relay.total.down_bytes - before) / len(events)


def _deflate(takeover: bool) -> ServerPerMessageDeflateFactory:
    """A window of 15 bits and level 6, which is what (2) has."""
    return ServerPerMessageDeflateFactory(
        server_no_context_takeover=not takeover, compress_settings={"level": 6}
    )


async def measure_loop(messages: int, passes: int) -> Loop:
    """Let a server in Node send 3 bytes in a loop, with and without compression."""
    sent, delivered = _no_passes(), _no_passes()
    for number in range(passes):
        for name in _turns(number):
            result = await run_node(HEY, name, str(messages), timeout_s=PATIENCE_S)
            sent[name].append(result.lines[0]["sent_per_s"])
            delivered[name].append(result.lines[0]["delivered_per_s"])
    return Loop(sent, delivered)


def _no_passes() -> dict[str, list[float]]:
    return {PLAIN: [], DEFLATED: []}


def _turns(number: int) -> tuple[str, str]:
    """The order of a pass: each goes first in every other one."""
    return (DEFLATED, PLAIN) if number % 2 else (PLAIN, DEFLATED)
