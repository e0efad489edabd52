"""The wire `websocket-aiohttp`: native, on aiohttp: the control for python-socketio.

It stands on the same HTTP and WebSocket code as the Socket.IO wires here, so that what lies between
it and them is Socket.IO, and what lies between it and `websocket` is the library.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import WSMsgType, web

from lab.chat.events import RoomEvent, Why
from lab.contract import (
    Address,
    Chat,
    Connection,
    ConnectionClosedError,
    ConnectOptions,
    ServeOptions,
    Settings,
    Stack,
    Transport,
    netloc,
)
from transports import _aiohttp, _native, _origin
from transports._serving import CLOSE_TIMEOUT_S, close_or_abort
from transports._versions import PYTHON, installed

GOODBYES = (WSMsgType.CLOSE, WSMsgType.CLOSING)
"""The peer sent a close frame, or this side began to close."""


class _Peer:
    """One connection of the server: a bounded queue and the task that empties it."""

    def __init__(
        self,
        ws: web.WebSocketResponse,
        transport: asyncio.Transport | None,
        queue_bytes: int,
    ) -> None:
        self.ws = ws
        self.transport = transport
        self.on_overflow: Callable[[], None] | None = None
        self._queue_bytes = queue_bytes
        self._unsent: deque[bytes] = deque()
        self._unsent_bytes = 0
        self._more = asyncio.Event()
        self._writing = asyncio.ensure_future(self._write())

    def put(self, text: bytes) -> None:
        """Queue one text frame; past the bound, report it and take no more."""
        if self._unsent_bytes > self._queue_bytes:
            return
        self._unsent.append(text)
        self._unsent_bytes += len(text)
        self._more.set()
        if self._unsent_bytes > self._queue_bytes and self.on_overflow is not None:
            self.on_overflow()

    async def _write(self) -> None:
        while True:
            await self._more.wait()
            self._more.clear()
            while self._unsent:
                text = self._unsent.popleft()
                self._unsent_bytes -= len(text)
                try:
                    await self.ws.send_frame(text, WSMsgType.TEXT)
                except ConnectionError:
                    return  # the reading side sees the same end, and reports it

    def abort(self) -> None:
        """Cut the line."""
        if self.transport is not None:
            self.transport.abort()

    async def stop(self) -> None:
        """End the writing task; what is queued is lost with the connection."""
        self._writing.cancel()
        await asyncio.wait([self._writing])


class _Server(_native.NativeServer[_Peer]):
    """The server's side: one handler task and one writing task for each connection."""

    def __init__(self, chat: Chat, options: ServeOptions) -> None:
        super().__init__(chat)
        self._options = options
        self._closing: set[asyncio.Task[None]] = set()

    def write(self, connections: Iterable[_Peer], text: bytes) -> None:
        for peer in connections:
            peer.put(text)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        headers = request.headers
        if not _origin.allowed(headers.get("Origin"), headers.get("Host"), self._options.origins):
            raise web.HTTPForbidden(text="this Origin is not allowed\n")
        ws = web.WebSocketResponse(
            max_msg_size=self.chat.limits.frame_bytes,
            timeout=CLOSE_TIMEOUT_S,
            **_server_settings(self._options),
        )
        await ws.prepare(request)
        await self._converse(_Peer(ws, request.transport, self.chat.limits.queue_bytes))
        return ws

    async def _converse(self, peer: _Peer) -> None:
        member = self.chat.attach(self)
        self.connections[member] = peer

        def drop() -> None:
            self.chat.detach(member, "slow_consumer")
            self._close_soon(peer, _native.POLICY_VIOLATION, b"slow_consumer")

        peer.on_overflow = drop
        why: Why = "lost"
        try:
            while (message := await peer.ws.receive()).type is WSMsgType.TEXT:
                self.receive(member, peer, message.data)
            # aiohttp's close_code forgets a goodbye that it could not answer any more.
            why = "closed" if message.type in GOODBYES else "lost"
            if message.type is WSMsgType.BINARY:
                await peer.ws.close(code=_native.UNSUPPORTED_DATA, message=b"text frames only")
        finally:
            self.chat.detach(member, why)
            del self.connections[member]
            await peer.stop()

    def _close_soon(self, peer: _Peer, code: int, message: bytes) -> None:
        closing = asyncio.ensure_future(
            close_or_abort(peer.ws.close(code=code, message=message), peer.abort)
        )
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    async def shut_down(self, _app: web.Application) -> None:
        for peer in self.connections.values():
            self._close_soon(peer, _native.GOING_AWAY, b"server shuts down")
        if self._closing:
            await asyncio.wait(self._closing)


class _Connection(_native.NativeConnection):
    """The client's side: one task that reads."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        ws: aiohttp.ClientWebSocketResponse[bool],
        on_event: Callable[[RoomEvent], None],
    ) -> None:
        super().__init__(on_event)
        self._session = session
        self._ws = ws
        self._leaving = False
        self._reading = asyncio.ensure_future(self._read())

    async def _read(self) -> None:
        async for message in self._ws:
            if message.type is WSMsgType.TEXT:
                self.received_text(message.data)
        self._ended(f"close code {self._ws.close_code}")
        if not self._leaving:
            await self._session.close()

    async def send_text(self, text: str) -> None:
        self._check_open()
        try:
            await self._ws.send_str(text)
        except ConnectionError as closed:
            raise ConnectionClosedError(str(closed)) from None

    async def close(self) -> None:
        self._leaving = True
        await self._ws.close()
        await self._reading
        await self._session.close()


class WebSocketAiohttp(Transport):
    """RFC 6455, as aiohttp speaks it."""

    name = "websocket-aiohttp"
    summary = "native WebSocket on aiohttp: the control, same HTTP stack as python-socketio"
    tuned = "websocket-tuned"
    capabilities = _native.CAPABILITIES

    def stack(self) -> Stack:
        """See `Transport`."""
        aio = installed("aiohttp")
        return Stack(language=PYTHON, server=aio, client=aio, http=aio)

    def knobs(self, settings: Settings) -> Mapping[str, str]:
        """See `Transport`."""
        if settings == "stock":
            return {"compression": "permessage-deflate where offered", "heartbeat": "none"}
        return {"compression": "none", "heartbeat": "25 s + 12.5 s, by the server"}

    @asynccontextmanager
    async def serve(self, chat: Chat, options: ServeOptions) -> AsyncIterator[_Server]:
        """See `Transport`."""
        server = _Server(chat, options)
        app = web.Application()
        app.router.add_get("/", server.handle)
        app.on_shutdown.append(server.shut_down)
        async with _aiohttp.listening(app, options) as port:
            url = f"ws://{netloc(options.host, port)}/"
            server.address = Address(url, options.host, port, websocket_url=url)
            yield server

    async def connect(
        self, url: str, on_event: Callable[[RoomEvent], None], options: ConnectOptions
    ) -> Connection:
        """See `Transport`."""
        session = aiohttp.ClientSession()
        try:
            async with asyncio.timeout(options.timeout_s):
                ws = await session.ws_connect(
                    url,
                    max_msg_size=options.frame_bytes,
                    timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_TIMEOUT_S),
                    headers=options.headers,
                )
        except aiohttp.WSServerHandshakeError as refused:
            await session.close()
            raise ConnectionRefusedError(f"HTTP {refused.status}: {refused.message}") from refused
        except BaseException:
            await session.close()
            raise
        return _Connection(session, ws, on_event)


def _server_settings(options: ServeOptions) -> dict[str, Any]:
    if options.settings == "stock":
        return {}
    # aiohttp waits half an interval for the answer; so that a dead peer is noticed within
    # interval + timeout, the interval may be shortened but not lengthened.
    beat = options.heartbeat
    interval_s = min(beat.interval_s, (beat.interval_s + beat.timeout_s) / 1.5)
    return {"compress": False, "heartbeat": interval_s}
