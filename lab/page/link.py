"""A link: one page's own relay in front of a transport's server, and what it carried."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

import msgspec

from lab import __version__
from lab.contract import Address, netloc
from lab.page.har import har_of
from lab.page.inspector import Inspector
from lab.page.protocol import (
    Connections,
    Counters,
    Detail,
    EmulatedNetwork,
    LedgerNews,
    Records,
    RequestError,
    TransportInfo,
)
from lab.relay.capture import Captured, to_line
from lab.relay.network import Network
from lab.relay.relay import Relay, Traffic
from lab.tls.keys import KeyLog

if TYPE_CHECKING:
    from lab.tls.opened import Opening

GRACE_S = 3.0
"""How long a link that was closed still carries, so that a close under way arrives."""


class Link:
    """Open from `open` to `close`. `peer`: the only address that may connect.

    A transport without TCP is reached without the relay. Nothing of it is seen or changed here.
    `keys`: the secrets of a server that speaks TLS.
    """

    def __init__(
        self, name: str, info: TransportInfo, address: Address, host: str, peer: str, keys: KeyLog
    ) -> None:
        self.name = name
        self.transport = info.name
        self._is_relayed = info.relayed
        self._address = address
        self._inspector = Inspector(_opening(keys) if address.is_tls else None)
        self._relay = Relay(
            address.host,
            address.port,
            host=host,
            tap=self._inspector.tap,
            watch=self._inspector.watch,
            passed=self._inspector.passed,
            peers=frozenset({peer}),
        )
        self._reported: Counters | None = None
        self._running = AsyncExitStack()

    async def open(self) -> None:
        """Listen. Raises OSError."""
        if self._is_relayed:
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
        """What the transport's client is given, for a page that calls this machine `host`."""
        found = urlsplit(self._address.url)
        port = self._relay.port if self._is_relayed else self._address.port
        return found._replace(netloc=netloc(host, port)).geturl()

    def _check_relayed(self) -> None:
        if not self._is_relayed:
            raise RequestError("bad_network", f"{self.transport} does not pass the page's relay")

    def emulate(self, network: EmulatedNetwork) -> EmulatedNetwork:
        """Emulate this network. Raises RequestError for settings that no network can have."""
        self._check_relayed()
        bits = network.bandwidth_bit_per_s
        try:
            emulated = Network(
                delay_ns=round(network.delay_ms * 1e6),
                jitter_ns=round(network.jitter_ms * 1e6),
                bandwidth_bytes_per_s=None if bits is None else bits / 8,
            )
        except ValueError as error:
            raise RequestError("bad_network", str(error)) from None
        self._relay.set(emulated)
        return network

    def stall(self, on: bool) -> None:
        """Carry nothing, or carry on. Raises RequestError for a link without a relay."""
        self._check_relayed()
        if on:
            self._relay.stall()
        else:
            self._relay.resume()

    def cut(self, how: Literal["rst", "fin"]) -> int:
        """Break every TCP connection; returns how many there were.

        Raises RequestError for a link without a relay.
        """
        self._check_relayed()
        count = len(self._relay.connections)
        self._relay.cut(how)
        return count

    def inspect(self, on: bool) -> None:
        """Keep records of what crosses it, or no longer."""
        self._inspector.inspect(on)

    def detail(self, record: int) -> Detail:
        """What is inside a record. Raises RequestError where its bytes are not kept."""
        return self._inspector.detail(record)

    async def export(self, form: Literal["capture", "har"]) -> tuple[str, bool]:
        """What was kept of its bytes, as the text of a file, and whether that is all of them."""
        recording = self._inspector.recording
        entries, complete = recording.entries(), recording.complete
        # To decode all of it takes a while: links go on meanwhile.
        if form == "capture":
            return await asyncio.to_thread(_capture, entries), complete
        unix_ns, tls = self._inspector.unix_ns, self._address.is_tls
        return await asyncio.to_thread(_archive, entries, unix_ns, tls), complete

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

    @property
    def now_ms(self) -> float:
        """The time on the clock of the records."""
        return self._inspector.now_ms

    def news(self) -> list[Counters | Records | LedgerNews]:
        """What the page does not know yet."""
        news: list[Counters | Records | LedgerNews] = []
        counters = self.counters()
        if counters != self._reported:
            self._reported = counters
            news.append(counters)
        records, skipped = self._inspector.take()
        passed = self._inspector.take_passed()
        if records or skipped or passed:
            news.append(Records(self.name, records, skipped, passed))
        account = self._inspector.account()
        if account is not None:
            news.append(LedgerNews(self.name, account))
        return news


def _opening(keys: KeyLog) -> Opening:
    from lab.tls.opened import Opening  # noqa: PLC0415 - an extra

    return Opening(keys.secret)


def _capture(entries: list[Captured]) -> str:
    return b"".join(map(to_line, entries)).decode()


def _archive(entries: list[Captured], unix_ns: int, tls: bool) -> str:
    archive = har_of(entries, unix_ns, _date, __version__, tls=tls)
    return msgspec.json.encode(archive).decode()


def _date(unix_s: float) -> str:
    return datetime.fromtimestamp(unix_s, UTC).isoformat(timespec="microseconds")
