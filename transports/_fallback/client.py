"""The client of the fallback transports, on aiohttp. One GET stays open, POSTs go beside it.

The client sends one POST at a time. Packets that are put meanwhile go with the next POST, as in
Socket.IO's own client.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import aiohttp
import msgspec

from lab.chat.events import RoomEvent
from lab.contract import ClientTls, ConnectionClosedError, ConnectOptions
from transports._fallback import packets
from transports._fallback.format import Format, Polling, Splitter, Streaming
from transports._fallback.packets import MalformedError
from transports._native import server as native
from transports._shared.serving import CLIENT_CLOSE_S

GATHERED_BYTES = 64 * 1024
"""Waiting packets go in one POST up to this size. A larger packet goes alone."""

BROKEN = (
    aiohttp.ClientError,
    OSError,
    MalformedError,
    UnicodeDecodeError,
    msgspec.DecodeError,
)
"""Errors that end a connection: TCP or HTTP failed, or the server broke the protocol."""

Requests = Callable[[ClientTls | None], aiohttp.ClientSession]
"""Makes an HTTP session that repeats no request by itself."""


class FallbackConnection(native.NativeConnection):
    """A client's connection: one task reads, one task posts. If one of them ends, both end."""

    def __init__(
        self,
        form: Format,
        url: str,
        on_event: Callable[[RoomEvent], None],
        options: ConnectOptions,
        requests: Requests,
    ) -> None:
        super().__init__(on_event)
        self._form = form
        self._options = options
        own = options.pool is None
        self._own_http = requests(options.tls) if own else None
        self._http: aiohttp.ClientSession = self._own_http or options.pool
        self._url = f"{url}/socket.io/1/"
        self._silence = aiohttp.ClientTimeout(total=options.timeout_s)
        self._outbox: deque[bytes] = deque()
        self._more = asyncio.Event()
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._running: asyncio.Task[None] | None = None
        self._stamped = 0
        self._leaving = False
        self._over = False

    async def open(self) -> None:
        """Connect; see `Transport.connect`."""
        try:
            async with asyncio.timeout(self._options.timeout_s):
                await self._handshake()
                self._running = asyncio.ensure_future(self._run())
                either: list[asyncio.Future[Any]] = [self._ready, self.closed]
                await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if self.closed.done():
                raise ConnectionRefusedError(self.closed.result())
        except BaseException as error:
            await self._release()
            if isinstance(error, BROKEN) and not isinstance(error, OSError):
                raise ConnectionRefusedError(str(error)) from error
            raise

    async def _handshake(self) -> None:
        async with self._get(self._form.handshake_query) as response:
            body = await response.read()
        if response.status != 200:
            raise ConnectionRefusedError(f"HTTP {response.status}: {response.reason}")
        found = self._form.decode_handshake(body).decode().split(":")
        if len(found) != 4:
            raise MalformedError("a handshake's answer is session:heartbeat:close:transports")
        # Not by `form.name`: a measurement gives a transport another name.
        sid, _, close_s, name = found
        self._url += f"{name}/{sid}"
        # Each timeout may be empty: then the server has none.
        silence_s = float(close_s or 0) or None
        self._silence = aiohttp.ClientTimeout(total=None, sock_read=silence_s)

    async def _run(self) -> None:
        """Read and post until one of the two tasks ends."""
        reason = "closed"
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._read())
                tasks.create_task(self._write())
        except* BROKEN as errors:
            reason = str(errors.exceptions[0]) or type(errors.exceptions[0]).__name__
        finally:
            self._ended(reason)
            await self._close_http()

    # From the server to the client.

    async def _read(self) -> None:
        if isinstance(self._form, Polling):
            await self._poll(self._form)
        elif isinstance(self._form, Streaming):
            await self._stream(self._form)
        if not self._leaving:
            raise ConnectionClosedError("the server closed the session")

    async def _poll(self, form: Polling) -> None:
        while not self._over:
            async with self._get(form.query) as response:
                _check(response)
                body = await self._body(response)
            self._take(form.decode(body))

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        """The body of a poll's answer. If it is compressed, its text counts against the bound."""
        body = bytearray()
        async for data in response.content.iter_any():
            body += data
            if len(body) > self._most_bytes():
                raise MalformedError(f"a poll brought more than {self._most_bytes()} bytes")
        return bytes(body)

    async def _stream(self, form: Streaming) -> None:
        splitter = Splitter(form.terminator, self._most_bytes())
        async with self._get(form.query) as response:
            _check(response)
            async for data in response.content.iter_any():
                for part in splitter.feed(data):
                    if (payload := form.decode(part)) is not None:
                        self._take(payload)
        if not self._over:
            raise ConnectionClosedError("the stream ended without a close packet")

    def _most_bytes(self) -> int:
        return self._options.frame_bytes * self._form.growth

    def _take(self, payload: bytes) -> None:
        for packet in packets.parse(payload):
            if packet.kind == "4":
                self.received_text(packet.data)
            elif packet.kind == "2":
                self._put(packets.HEARTBEAT)
            elif packet.kind == "1" and not self._ready.done():
                self._ready.set_result(None)
            elif packet.kind == "0":
                self._over = True
            elif packet.kind == "7":
                raise ConnectionClosedError(f"the server says error {packet.data}")

    # From the client to the server.

    async def send_text(self, text: str) -> None:
        self._check_open()
        self._put(packets.message(text.encode()))

    def _put(self, packet: bytes) -> None:
        self._outbox.append(packet)
        self._more.set()

    async def _write(self) -> None:
        while self._outbox or not self._leaving:
            if self._outbox:
                await self._post(packets.payload(self._gathered()))
            else:
                self._more.clear()
                await self._more.wait()

    def _gathered(self) -> tuple[bytes, ...]:
        gathered = [self._outbox.popleft()]
        size = len(gathered[0])
        while self._outbox and (size := size + len(self._outbox[0])) <= GATHERED_BYTES:
            gathered.append(self._outbox.popleft())
        return tuple(gathered)

    async def _post(self, payload: bytes) -> None:
        async with self._http.post(
            self._url,
            params=self._stamp(),
            data=self._form.encode_up(payload),
            headers={**self._options.headers, "Content-Type": self._form.up_type},
            timeout=self._silence,
        ) as response:
            _check(response)
            await response.read()

    def _get(self, query: Any) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        return self._http.get(
            self._url,
            params={**self._stamp(), **query},
            headers=self._options.headers,
            timeout=self._silence,
        )

    def _stamp(self) -> dict[str, str]:
        """The time in ms, or the next unused number, so that a cache never sees one URL twice."""
        self._stamped = max(time.time_ns() // 1_000_000, self._stamped + 1)
        return {"t": str(self._stamped)}

    # Closing.

    async def close(self) -> None:
        if self._running is not None and not self._leaving:
            self._leaving = True
            self._put(packets.DISCONNECT)
            await asyncio.wait([self._running], timeout=CLIENT_CLOSE_S)
        await self._release()

    async def _release(self) -> None:
        """Cancel the tasks, and close the HTTP session if this connection made it."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait([self._running])
        await self._close_http()

    async def _close_http(self) -> None:
        if self._own_http is not None:
            await self._own_http.close()


def _check(response: aiohttp.ClientResponse) -> None:
    if response.status != 200:
        raise ConnectionClosedError(f"HTTP {response.status}: {response.reason}")
