"""The transport `websocket-aiohttp`: native WebSocket on aiohttp, the control for python-socketio.

It uses the same HTTP and WebSocket code as the Socket.IO transports on python-socketio. So the
difference between it and them is Socket.IO, and the difference between it and `websocket` is the
library. aiohttp has no bound on unsent bytes and no queue, so each connection here has a bounded
queue and a task that empties it. Commands and events are those of `websocket`
(`_native/server.py`).
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
from lab.compression import chosen
from lab.contract import (
    Capability,
    Chat,
    Connection,
    ConnectionClosedError,
    ConnectOptions,
    Heartbeat,
    ServeOptions,
    Settings,
    Stack,
)
from transports._native import server as native
from transports._native.transport import NativeTransport
from transports._shared import aiohttp as aiohttp_server
from transports._shared.fairness import Share, read_little
from transports._shared.serving import CLOSE_TIMEOUT_S, close_or_abort
from transports._shared.versions import PYTHON, installed

GOES_ON = (WSMsgType.TEXT, WSMsgType.PING, WSMsgType.PONG)
"""The connection goes on after a message of these types."""
CLOSES = (WSMsgType.CLOSE, WSMsgType.CLOSING)
"""The client has sent a close frame, or this side has begun to close."""


class _Peer:
    """One connection of the server, with a bounded queue and the task that empties it."""

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
        """Queue one text frame. Past the bound, report the overflow and queue no more."""
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
                    return  # `receive` meets the same error, and reports it

    def abort(self) -> None:
        """Cut the TCP connection."""
        if self.transport is not None:
            self.transport.abort()

    async def stop(self) -> None:
        """End the writing task. What is queued is lost with the connection."""
        self._writing.cancel()
        await asyncio.wait([self._writing])


class _Server(native.NativeServer[_Peer]):
    """The server: one handler task and one writing task for each connection."""

    def __init__(self, chat: Chat, options: ServeOptions) -> None:
        super().__init__(chat)
        self._options = options
        self._closing: set[asyncio.Task[None]] = set()

    def write(self, connections: Iterable[_Peer], text: bytes) -> None:
        for peer in connections:
            peer.put(text)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        ws = web.WebSocketResponse(
            autoclose=False,
            max_msg_size=self.chat.limits.frame_bytes,
            timeout=CLOSE_TIMEOUT_S,
            autoping=False,  # the library answers a flood of pings without a pause
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
            self._close_soon(peer, native.POLICY_VIOLATION, b"slow_consumer")

        peer.on_overflow = drop
        read_little(peer.transport)
        share = Share()
        why: Why = "lost"
        try:
            while (message := await peer.ws.receive()).type in GOES_ON:
                if message.type is WSMsgType.TEXT:
                    self.receive(member, peer, message.data)
                elif message.type is WSMsgType.PING:
                    await peer.ws.pong(message.data)
                await share.taken()
            # Not by aiohttp's close_code: it is lost if aiohttp could not answer the close frame.
            why = "closed" if message.type in CLOSES else "lost"
            if message.type is WSMsgType.CLOSE:
                await aiohttp_server.answer_close(peer.ws, message.data)
            elif message.type is WSMsgType.BINARY:
                await peer.ws.close(code=native.UNSUPPORTED_DATA, message=b"text frames only")
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
            self._close_soon(peer, native.GOING_AWAY, b"server shuts down")
        if self._closing:
            await asyncio.wait(self._closing)


class _Connection(native.NativeConnection):
    """The client, with one task that reads."""

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


class WebSocketAiohttp(NativeTransport):
    """RFC 6455 as aiohttp implements it."""

    name = "websocket-aiohttp"
    summary = "native WebSocket on aiohttp: the control, same HTTP stack as python-socketio"
    tuned = "websocket-tuned"
    # The library's timeout is half its interval, and counts what the process stood still.
    capabilities = native.CAPABILITIES - {Capability.PAUSES} | {Capability.COMPRESSION}
    compression = aiohttp_server.WEBSOCKET_COMPRESSION

    def stack(self) -> Stack:
        """See `Transport`."""
        aio = installed("aiohttp")
        return Stack(language=PYTHON, server=aio, client=aio, http=aio)

    def effective_settings(self, settings: Settings) -> Mapping[str, str]:
        """See `Transport`."""
        if settings == "stock":
            return {"compression": self.compression.stock, "heartbeat": "none"}
        return {"compression": "none", "heartbeat": f"{_kept(Heartbeat())}, by the server"}

    @asynccontextmanager
    async def serve(self, chat: Chat, options: ServeOptions) -> AsyncIterator[_Server]:
        """See `Transport`."""
        server = _Server(chat, options)
        app = web.Application()
        app.router.add_get("/", server.handle)
        app.on_shutdown.append(server.shut_down)
        async with aiohttp_server.listening(app, options) as port:
            server.address = self.address_at(options, port)
            yield server

    async def connect(
        self, url: str, on_event: Callable[[RoomEvent], None], options: ConnectOptions
    ) -> Connection:
        """See `Transport`."""
        session = aiohttp_server.session(options.tls)
        try:
            async with asyncio.timeout(options.timeout_s):
                ws = await session.ws_connect(
                    url,
                    max_msg_size=options.frame_bytes,
                    timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_TIMEOUT_S),
                    compress=aiohttp_server.offered_window(options),
                    headers=options.headers,
                )
        except aiohttp.WSServerHandshakeError as refused:
            await session.close()
            raise ConnectionRefusedError(f"HTTP {refused.status}: {refused.message}") from refused
        except aiohttp.ServerDisconnectedError as lost:
            await session.close()
            raise ConnectionError(str(lost)) from lost
        except BaseException:
            await session.close()
            raise
        return _Connection(session, ws, on_event)


def _server_settings(options: ServeOptions) -> dict[str, Any]:
    compression = {"compress": chosen(options.compression, options.settings).wanted}
    if options.settings == "stock":
        return compression
    return {**compression, "heartbeat": _kept(options.heartbeat).interval_s}


def _kept(requested: Heartbeat) -> Heartbeat:
    """Return the heartbeat that aiohttp keeps if this one is requested.

    aiohttp waits half an interval for a pong. A dead client must be found within interval +
    timeout, so the interval may have to be shorter.
    """
    interval_s = min(requested.interval_s, (requested.interval_s + requested.timeout_s) / 1.5)
    return Heartbeat(interval_s, interval_s / 2)
