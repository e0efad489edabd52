"""Calls the functions of `web/src/bench/bench.ts`, which measure in a page or in Node."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import msgspec

from lab.contract import Transport
from lab.load.fan_out import FanOut
from lab.measure.replicas import original
from lab.page.protocol import TransportInfo
from lab.page.transports import described

PATIENCE_S = 120.0
"""How long a call may take on a busy machine. After that the transport counts as silent."""


class Bench(ABC):
    """One `Bench` in JavaScript. Durations are in ns by JavaScript's own clock.

    `wall_ns`: how long the calls since `begin` took in JavaScript, without the way to it.

    All calls raise TimeoutError after PATIENCE_S, and the error of the runtime if they fail in it.
    """

    def __init__(self) -> None:
        self.wall_ns = 0

    def begin(self) -> None:
        """Reset `wall_ns`."""
        self.wall_ns = 0

    async def use(self, transport: TransportInfo, url: str) -> None:
        """Use this transport, to the server at `url`, from now on."""
        await self._call("use", msgspec.to_builtins(transport), url)

    async def handshakes(self, count: int) -> list[int]:
        """See `lab.load.closed_loop`."""
        return await self._samples("handshakes", count)

    async def times_to_join(self, room: str, count: int) -> list[int]:
        """See `lab.load.closed_loop`."""
        return await self._samples("timesToJoin", room, count)

    async def fill(self, room: str, size: int) -> None:
        """Let `size` members join a room, each over its own connection."""
        await self._call("fill", room, size)

    async def empty(self) -> None:
        """Let them leave."""
        await self._call("empty")

    async def round_trips(self, texts: Sequence[str]) -> list[int]:
        """See `lab.load.closed_loop`. The first member of the room speaks."""
        return await self._samples("roundTrips", texts)

    async def fan_out(self, texts: Sequence[str], window: int) -> FanOut:
        """See `lab.load.fan_out`. The first member of the room speaks."""
        return msgspec.convert(await self._timed("fanOut", texts, window), FanOut)

    @abstractmethod
    async def close(self) -> None:
        """End it, with all its connections."""

    @abstractmethod
    async def _call(self, name: str, *words: Any) -> Any:
        """Call a method of the `Bench` in JavaScript. Returns its result."""

    async def _samples(self, name: str, *words: Any) -> list[int]:
        return msgspec.convert(await self._timed(name, *words), list[int])

    async def _timed(self, name: str, *words: Any) -> Any:
        timed = await self._call(name, *words)
        self.wall_ns += timed["wall_ns"]
        return timed["found"]


def spoken(transport: Transport) -> TransportInfo:
    """What the client must know of a transport, or of a replica's original."""
    return msgspec.structs.replace(described(transport, "", None), name=original(transport.name))
