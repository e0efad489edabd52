"""Successive HTTP requests of one client, as a browser makes them: kept alive, with cookies."""

from __future__ import annotations

from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from lab.handshakes.link import RawConnection
from lab.handshakes.request import Request
from lab.probe.between import cookies
from lab.probe.client import Client
from lab.probe.response import Response
from lab.probe.websocket import Opened, upgrade


class HttpExchange:
    """Requests one after the other, on one connection for as long as the server keeps it."""

    def __init__(self, client: Client) -> None:
        self.connections: list[RawConnection] = []
        """Every connection so far, in order."""
        self.responses: list[Response] = []
        self.cookies: dict[str, str] = {}
        self._client = client
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    async def ask(self, request: Request) -> Response:
        """Send a request; return the response, or why there is none."""
        connection = await self._connection()
        response = await self._client.exchange(connection, self._with_cookies(request))
        self.cookies |= cookies(response)
        self.responses.append(response)
        return response

    async def switch(self, request: Request) -> Opened:
        """Send an opening handshake as the last request."""
        connection = await self._connection()
        return await upgrade(self._client, connection, self._with_cookies(request))

    def _with_cookies(self, request: Request) -> Request:
        pairs = [value for name, value in request.headers.items() if name.lower() == "cookie"]
        pairs += [f"{name}={value}" for name, value in self.cookies.items()]
        return request.having({"Cookie": "; ".join(pairs)}) if pairs else request

    @property
    def connection(self) -> RawConnection:
        """The connection of the last request."""
        return self.connections[-1]

    async def _connection(self) -> RawConnection:
        if self.responses and not self.connection.ended and self._is_kept():
            return self.connection
        connection = await self._stack.enter_async_context(self._client.dial())
        self.connections.append(connection)
        return connection

    def _is_kept(self) -> bool:
        last = self.responses[-1]
        close = any(value.lower() == "close" for value in last.all("connection"))
        return last.status is not None and not last.problem and not close
