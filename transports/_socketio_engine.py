"""Shared by the Socket.IO wires: python-engineio's server, with what a public server has to add.

Each by the library's own extension points: a bound on the bytes that wait for a connection, a check
of a WebSocket handshake *before* a session is made for it, an end to the session whose peer sends
what is no packet, the release of a pending poll when its client says goodbye, and an end to the
background tasks at shutdown. `mended`: bodies are read to their end, and a poll that a browser asks
again ends its session.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import engineio
from aiohttp import WSMsgType, web
from engineio.async_drivers import aiohttp as driver
from engineio.packet import Packet

from transports._repeats import Polls
from transports._serving import CLOSE_TIMEOUT_S

TOO_LONG = 2**62
"""A body's length where all that is known is that it passes every bound."""


class BoundedQueue(asyncio.Queue[Any]):
    """The packets that wait for one connection; reports when they pass `bound_bytes`."""

    def __init__(self, bound_bytes: int) -> None:
        super().__init__()
        self.on_overflow: Callable[[], None] | None = None
        self._bound_bytes = bound_bytes
        self._unsent_bytes = 0

    def _put(self, item: Packet | None) -> None:
        super()._put(item)
        self._unsent_bytes += _most_bytes(item)
        if self._unsent_bytes > self._bound_bytes and self.on_overflow is not None:
            self.on_overflow()

    def _get(self) -> Packet | None:
        item: Packet | None = super()._get()
        self._unsent_bytes -= _most_bytes(item)
        return item


def _most_bytes(item: Packet | None) -> int:
    """What a packet takes on the wire at most, without encoding it once for each member."""
    if item is None or not isinstance(item.data, str | bytes):
        return 0
    return len(item.data) * (1 if isinstance(item.data, bytes) or item.data.isascii() else 4)


class _WebSocket(driver.WebSocket):  # type: ignore[misc]
    """The driver's WebSocket, with the settings that the driver leaves at aiohttp's defaults."""

    async def __call__(self, environ: dict[str, Any]) -> web.WebSocketResponse:
        request: web.Request = environ["aiohttp.request"]
        self._sock = web.WebSocketResponse(
            max_msg_size=self.server.max_http_buffer_size,
            timeout=CLOSE_TIMEOUT_S,
            compress=self.server.websocket_compression,
        )
        await self._sock.prepare(request)
        self.environ = environ
        self._engine_socket = engine_socket = self.handler.__self__
        engine_socket.cut = partial(_abort, request)
        try:
            await self.handler(self)
        except ValueError:
            # What came is no packet. The library's handler ends there and leaves the session.
            await self.server.drop(engine_socket.sid)
        return self._sock

    async def wait(self) -> str | bytes:
        """The driver's, noting a close frame: the library takes it for a line that broke.

        Its own client closes the WebSocket before its goodbye packets have left the queue.
        """
        message = await self._sock.receive()
        if message.type is WSMsgType.CLOSE:
            self._engine_socket.said_goodbye = True
        if not isinstance(message.data, str | bytes):
            raise OSError("the WebSocket has ended")
        return message.data


async def _translate_whole(request: web.Request) -> dict[str, Any]:
    """The driver's translation, with the whole body at hand.

    The library reads a POST's body once, which gives what has arrived so far: of a body that comes
    in several TCP segments the rest is lost, and the answer is 200 all the same.
    """
    environ: dict[str, Any] = driver.translate_request(request)
    if request.body_exists:
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            environ["CONTENT_LENGTH"] = str(TOO_LONG)  # the library has its own answer to that
            return environ
        environ["CONTENT_LENGTH"] = str(len(body))
        environ["wsgi.input"] = _Body(body)
    return environ


class _Body:
    """A body that has been read, in the shape that the library reads from."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def read(self, length: int) -> bytes:
        return self._body[:length]


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


class Engine(engineio.AsyncServer):  # type: ignore[misc]
    """The Engine.IO server of all Socket.IO wires here."""

    def __init__(
        self,
        *,
        queue_bytes: int,
        websocket_compression: bool,
        mended: bool,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.websocket_compression = websocket_compression
        self._queue_bytes = queue_bytes
        self._tasks: set[asyncio.Task[Any]] = set()
        self._async: dict[str, Any] = {**driver._async, "websocket": _WebSocket}
        self._mended = mended
        if mended:
            self._async["translate_request"] = _translate_whole

    def create_queue(self) -> BoundedQueue:
        """The library's hook for the queue of a new connection."""
        return BoundedQueue(self._queue_bytes)

    def start_background_task(
        self, target: Callable[..., Coroutine[Any, Any, Any]], *args: Any, **kwargs: Any
    ) -> asyncio.Task[Any]:
        """The library's hook for tasks; kept here so that shutdown can end them."""
        task: asyncio.Task[Any] = super().start_background_task(target, *args, **kwargs)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def sessions(self) -> int:
        """How many Engine.IO sessions are open."""
        return sum(not socket.closed for socket in self.sockets.values())

    async def handle_request(self, request: web.Request) -> Any:
        """The library's entry for each request; it refuses what names a session that has ended."""
        if self._mended and request.method == "GET":
            await self._end_repeated(request)
        return await super().handle_request(request)

    async def _end_repeated(self, request: web.Request) -> None:
        socket = self.sockets.get(sid := request.query.get("sid", ""))
        if socket is None:
            return
        polls: Polls = vars(socket).setdefault("polls", Polls())
        if polls.repeats(request.query.get("t"), request.transport):
            await self.drop(sid, self.reason.TRANSPORT_ERROR)

    async def drop(
        self, sid: str, reason: str = engineio.AsyncServer.reason.SERVER_DISCONNECT
    ) -> None:
        """End a session at once, unsent packets and all."""
        socket = self.sockets.pop(sid, None)
        if socket is None:
            return
        await socket.close(wait=False, abort=True, reason=reason)
        if hasattr(socket, "cut"):
            socket.cut()
        else:
            self._release(socket)

    async def say_goodbye(self) -> None:
        """Send every client a CLOSE packet, without waiting for those that don't read."""
        for socket in list(self.sockets.values()):
            await socket.close(wait=False, reason=self.reason.SERVER_DISCONNECT)
            if socket.upgraded:
                self._release(socket)  # ends the writer, which closes the WebSocket

    async def stop(self) -> None:
        """End every background task, heartbeats included."""
        await self.shutdown()
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        self.sockets.clear()

    async def _handle_connect(
        self, environ: dict[str, Any], transport: str, jsonp_index: int | None = None
    ) -> Any:
        # The library makes the session first and finds the handshake malformed afterwards
        # (500, and a session that stays for a minute).
        if transport == "websocket":
            request: web.Request = environ["aiohttp.request"]
            if not web.WebSocketResponse().can_prepare(request):
                return await self._make_response(
                    self._bad_request("malformed WebSocket handshake"), environ
                )
        return await super()._handle_connect(environ, transport, jsonp_index)

    async def _trigger_event(self, event: str, *args: Any, **kwargs: Any) -> Any:
        result = await super()._trigger_event(event, *args, **kwargs)
        if event == "disconnect" and args[1] == self.reason.CLIENT_DISCONNECT:
            # A polling client that posts its goodbye has a GET pending, which the library would
            # leave waiting for a packet that no longer comes.
            socket = self.sockets.get(args[0])
            if socket is not None and not socket.upgraded:
                self._release(socket)
        return result

    def _release(self, socket: Any) -> None:
        socket.queue.put_nowait(None)
