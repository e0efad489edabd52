"""A line: one page's own relay in front of a wire's server, with what it carried in view."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Literal
from urllib.parse import urlsplit

from lab.contract import Address, netloc
from lab.page.inspector import Inspector
from lab.page.protocol import AskError, Bend, Connections, Counters, Records, Row
from lab.wire.network import Network
from lab.wire.relay import Relay, Traffic

GRACE_S = 3.0
"""How long a line that was closed still carries: the time of a goodbye that is under way."""


class Line:
    """Open from `open` to `close`. `peer`: the only address that may connect."""

    def __init__(self, name: str, wire: str, address: Address, host: str, peer: str) -> None:
        self.name = name
        self.wire = wire
        self._address = address
        self._inspector = Inspector()
        self._relay = Relay(
            address.host,
            address.port,
            host=host,
            tap=self._inspector.tap,
            watch=self._inspector.watch,
            peers=frozenset({peer}),
        )
        self._told: Counters | None = None
        self._running = AsyncExitStack()

    async def open(self) -> None:
        """Listen. Raises OSError."""
        await self._running.enter_async_context(self._relay)

    async def close(self, grace_s: float = 0) -> None:
        """End it, `grace_s` from now."""
        await asyncio.sleep(grace_s)
        await self._running.aclose()

    @property
    def traffic(self) -> Traffic:
        """The bytes that its relay has counted."""
        return self._relay.total

    def url(self, host: str) -> str:
        """What the wire's client is given, for a page that calls this machine `host`."""
        found = urlsplit(self._address.url)
        return found._replace(netloc=netloc(host, self._relay.port)).geturl()

    def bend(self, bend: Bend) -> Bend:
        """Put this network under it. Raises AskError where no network could be so."""
        bits = bend.bandwidth_bit_per_s
        try:
            network = Network(
                delay_ns=round(bend.delay_ms * 1e6),
                jitter_ns=round(bend.jitter_ms * 1e6),
                bandwidth_bytes_per_s=None if bits is None else bits / 8,
            )
        except ValueError as error:
            raise AskError("bad_network", str(error)) from None
        self._relay.set(network)
        return bend

    def stall(self, on: bool) -> None:
        """Carry nothing, or carry on."""
        if on:
            self._relay.stall()
        else:
            self._relay.resume()

    def cut(self, how: Literal["rst", "fin"]) -> int:
        """Break every TCP connection; returns how many there were."""
        count = len(self._relay.connections)
        self._relay.cut(how)
        return count

    def inspect(self, on: bool) -> None:
        """Keep records of what crosses it, or no longer."""
        self._inspector.inspect(on)

    def rows(self, record: int) -> list[Row]:
        """The bytes of a record. Raises AskError where they are not kept."""
        return self._inspector.rows(record)

    def counters(self) -> Counters:
        """What has crossed it so far."""
        found, total = self._inspector.found, self._relay.total
        return Counters(
            line=self.name,
            connections=Connections(self._relay.opened, len(self._relay.connections)),
            requests=found.requests,
            up_bytes=total.up_bytes,
            down_bytes=total.down_bytes,
            commands=found.commands,
            deliveries=found.deliveries,
            undecoded_bytes=found.undecoded_bytes,
        )

    def news(self) -> list[Counters | Records]:
        """What the page has not been told yet."""
        news: list[Counters | Records] = []
        counters = self.counters()
        if counters != self._told:
            self._told = counters
            news.append(counters)
        records, skipped = self._inspector.take()
        if records or skipped:
            news.append(Records(self.name, records, skipped))
        return news
