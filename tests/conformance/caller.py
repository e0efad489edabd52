"""An HTTP connection to a server without any client library: one request after the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import NamedTuple

import h11

from tests.conformance.client import in_time

NONE: Mapping[str, str] = {}


class Answer(NamedTuple):
    """A response."""

    status: int
    headers: dict[str, str]
    body: bytes


class Caller:
    """One HTTP connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer
        self._http = h11.Connection(h11.CLIENT)

    def send(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        headers: Mapping[str, str] = NONE,
        *,
        twice: bool = False,
    ) -> None:
        """Send a request; `twice`: in one go with another of the same."""
        pairs = [("Host", "localhost"), *headers.items()]
        if body:
            pairs.append(("Content-Length", str(len(body))))
        if self._http.our_state is h11.DONE:
            self._http.start_next_cycle()
        request = h11.Request(method=method, target=target, headers=pairs)
        parts = [request, *([h11.Data(body)] if body else []), h11.EndOfMessage()]
        data = b"".join(self._http.send(part) or b"" for part in parts)
        self.writer.write(data * (2 if twice else 1))

    def expect_another(self) -> None:
        """Await the response to a request that has been sent already."""
        if self._http.our_state is h11.DONE:
            self._http.start_next_cycle()
        self._http.send(h11.Request(method="GET", target="/", headers=[("Host", "a")]))
        self._http.send(h11.EndOfMessage())

    async def answer(self) -> Answer:
        """Await the response."""
        head, body = None, b""
        while True:
            event = self._http.next_event()
            if event is h11.NEED_DATA:
                self._http.receive_data(await in_time(self._reader.read(65536)))
            elif isinstance(event, h11.Response):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
            else:
                assert isinstance(event, h11.EndOfMessage), event
                assert head is not None
                headers = {name.decode().lower(): value.decode() for name, value in head.headers}
                return Answer(head.status_code, headers, body)

    async def ask(
        self, method: str, target: str, body: bytes = b"", headers: Mapping[str, str] = NONE
    ) -> Answer:
        """Send a request and await its response."""
        self.send(method, target, body, headers)
        return await self.answer()

    async def ended(self) -> None:
        """Wait until the server hangs up."""
        assert await in_time(self._reader.read(1)) == b""


@asynccontextmanager
async def dialled(host: str, port: int) -> AsyncIterator[Caller]:
    """Connect. Close the connection when the context is left."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        yield Caller(reader, writer)
    finally:
        writer.transport.abort()
