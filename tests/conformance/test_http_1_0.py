"""Run a whole session through a proxy that uses HTTP/1.0 upstream, as nginx does by default."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus

import pytest

from lab.contract import Address, Capability, ConnectOptions, Transport
from tests.conformance.client import RoomClient
from tests.conformance.served import PATIENCE_S, eventually, served
from tests.conformance.smuggling import statuses

pytestmark = pytest.mark.needs(Capability.HTTP_1, Capability.HTTP_SESSION)

TEXTS = ["hello", "é☕👋", "x" * 5000]


class Exchange:
    """The bytes of one connection to the server, and whether the server has ended it."""

    def __init__(self) -> None:
        self.request = b""
        self.response = b""
        self.is_ended = False

    @property
    def asks_for_an_upgrade(self) -> bool:
        """Whether a request asks for an upgrade, which needs HTTP/1.1 (RFC 9110 section 7.8)."""
        return b"\r\nupgrade:" in self.request.lower()


class Proxy:
    """Forwards each request as HTTP/1.0, and each response unchanged."""

    def __init__(self, address: Address) -> None:
        self.exchanges: list[Exchange] = []
        self.port = 0
        self._address = address
        self._tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Accept connections until the context is left."""
        server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            up_reader, up_writer = await asyncio.open_connection(
                self._address.host, self._address.port
            )
        except OSError:  # the server is gone
            writer.close()
            return
        exchange = Exchange()
        self.exchanges.append(exchange)
        up = asyncio.ensure_future(_send_requests_on(reader, up_writer, exchange))
        try:
            with suppress(ConnectionError):
                while data := await up_reader.read(65536):
                    exchange.response += data
                    writer.write(data)
            exchange.is_ended = True
        finally:
            up.cancel()
            writer.close()
            up_writer.transport.abort()


async def _send_requests_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, exchange: Exchange
) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            exchange.request += data
            writer.write(data.replace(b" HTTP/1.1\r\n", b" HTTP/1.0\r\n", 1))
    writer.close()


async def test_a_session_works_through_an_http_1_0_proxy(transport: Transport) -> None:
    """No chunks, and a body without a length ends with its connection (RFC 9112, 6.1 and 6.3)."""
    async with served(transport) as s:
        proxy = Proxy(s.server.address)
        async with proxy.listening():
            url = s.server.address.url.replace(f":{s.server.address.port}", f":{proxy.port}")
            ann = RoomClient()
            ann.connection = await transport.connect(
                url, ann.events.append, ConnectOptions(timeout_s=PATIENCE_S)
            )
            await ann.joined("den", "ann")
            for text in TEXTS:
                await ann.said("den", text)
            await ann.has_messages(len(TEXTS))
            assert [message.text for message in ann.messages] == TEXTS
            await s.shut()
            await ann.ended()
            exchanges = [each for each in proxy.exchanges if not each.asks_for_an_upgrade]
            await eventually(lambda: all(each.is_ended for each in exchanges), "all were ended")
            await ann.close()
    for exchange in exchanges:
        head = exchange.response.partition(b"\r\n\r\n")[0]
        assert b"transfer-encoding" not in head.lower()
        assert statuses(exchange.response) == [HTTPStatus.OK]
