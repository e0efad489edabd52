"""Limit how long a request may take to arrive. aiohttp itself waits for ever."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import StreamReader, web
from aiohttp.http_exceptions import HttpProcessingError

TOO_LATE = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class RequestsInTime(web.RequestHandler):
    """Ends a connection if the head of a request, or its body, takes longer than `timeout_s`.

    A body is not decompressed here: the admission refuses a content coding.
    """

    def __init__(self, server: web.Server, timeout_s: float) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(server, loop=loop, auto_decompress=False)
        self._logging_enabled = False  # as in aiohttp without an access log
        self._timeout_s = timeout_s
        self._deadline: asyncio.TimerHandle | None = None
        self._body: StreamReader | None = None
        self._heads = 0
        self._silent = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Expect the first head."""
        super().connection_made(transport)
        self._expect()

    def data_received(self, data: bytes) -> None:
        """Handle received bytes, and set the deadline for the missing ones."""
        super().data_received(data)
        self._silent = False
        if self._upgraded or self._payload_parser is not None:
            self._no_longer()  # another protocol, with a heartbeat of its own
        elif self._request_count > self._heads:
            self._heads = self._request_count
            self._no_longer()
            self._await_body(self._messages[-1][1] if self._messages else None)
        elif self._body is not None:
            self._await_body(self._body)
        elif data:
            self._expect()  # the head has begun and is not complete

    def connection_lost(self, exc: BaseException | None) -> None:
        """Clear the deadline."""
        self._no_longer()
        super().connection_lost(exc)

    def log_exception(self, *args: Any, **kw: Any) -> None:
        """Log an error of this program, but not a client's mistake."""
        if not isinstance(kw.get("exc_info"), HttpProcessingError):
            super().log_exception(*args, **kw)

    def _await_body(self, body: StreamReader | None) -> None:
        self._body = None if body is None or body.is_eof() else body
        if self._body is None:
            self._no_longer()
        else:
            self._expect()

    def _expect(self) -> None:
        if self._deadline is None:
            self._deadline = self._loop.call_later(self._timeout_s, self._is_late)

    def _no_longer(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _is_late(self) -> None:
        self._deadline = None
        if self.transport is None:
            return
        if self._body is None and not self._silent and self._current_request is None:
            self.transport.write(TOO_LATE)  # RFC 9110 section 15.5.9
            self.force_close()
        else:
            self.transport.abort()
