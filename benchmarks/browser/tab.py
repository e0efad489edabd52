"""A page that measures, as a benchmark sees it: what `web/src/bench/bench.ts` offers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from lab.contract import Transport
from lab.interop.chromium import ChromiumError, driving
from lab.load.fan_out import FanOut
from lab.measure.twins import original
from lab.page.protocol import WireInfo
from lab.page.wires import described

if TYPE_CHECKING:
    from playwright.async_api import Page

CALL = "([name, words]) => window.lab[name](...words)"
PATIENCE_S = 120.0
"""How long a round may take on a loaded machine; then the wire doesn't answer."""


class Tab:
    """One page. Durations are in ns by the page's own clock.

    `wall_ns`: how long what was asked of it since `begin` took in the page, without the way there.

    Raises (all that ask): ChromiumError where it fails in the page; TimeoutError.
    """

    def __init__(self, page: Page) -> None:
        self._page = page
        self._errors: list[str] = []
        self.wall_ns = 0
        page.on("pageerror", lambda error: self._errors.append(str(error)))

    def begin(self) -> None:
        """Count `wall_ns` from nothing."""
        self.wall_ns = 0

    async def use(self, wire: WireInfo, url: str) -> None:
        """Speak this wire to the server at `url` from now on."""
        await self._call("use", msgspec.to_builtins(wire), url)

    async def handshakes(self, count: int) -> list[int]:
        """See `lab.load.closed_loop`."""
        return await self._samples("handshakes", count)

    async def times_to_join(self, room: str, count: int) -> list[int]:
        """See `lab.load.closed_loop`."""
        return await self._samples("timesToJoin", room, count)

    async def fill(self, room: str, size: int) -> None:
        """Let `size` members into a room, each with a connection of its own."""
        await self._call("fill", room, size)

    async def empty(self) -> None:
        """Let them leave."""
        await self._call("empty")

    async def round_trips(self, texts: Sequence[str]) -> list[int]:
        """See `lab.load.closed_loop`; the first member of the room speaks."""
        return await self._samples("roundTrips", texts)

    async def fan_out(self, texts: Sequence[str], window: int) -> FanOut:
        """See `lab.load.fan_out`; the first member of the room speaks."""
        return msgspec.convert(await self._timed("fanOut", texts, window), FanOut)

    async def close(self) -> None:
        """Close the page, its profile and its connections."""
        with driving():
            await self._page.context.close()

    async def _samples(self, name: str, *words: Any) -> list[int]:
        return msgspec.convert(await self._timed(name, *words), list[int])

    async def _timed(self, name: str, *words: Any) -> Any:
        timed = await self._call(name, *words)
        self.wall_ns += timed["wall_ns"]
        return timed["found"]

    async def _call(self, name: str, *words: Any) -> Any:
        async with asyncio.timeout(PATIENCE_S):
            with driving():
                found = await self._page.evaluate(CALL, [name, list(words)])
        if self._errors:
            raise ChromiumError(f"in the page, during {name}: {'; '.join(self._errors)}")
        return found


def spoken(wire: Transport) -> WireInfo:
    """What the page has to know of a wire, or of the one that it is the twin of, to speak it."""
    return msgspec.structs.replace(described(wire, "", None), name=original(wire.name))
