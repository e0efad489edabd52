"""python-engineio's server, with what a public server must add.

- It bounds the bytes that wait for a connection (`create_queue`).
- It checks a WebSocket handshake before the library makes a session or answers a poll for it
  (`handle_request`).
- It ends the session of a client that sends something that is not a packet (`on`).
- It releases a pending poll when its session ends (`disconnect`), and ends all background tasks at
  shutdown (`start_background_task`).
- Its heartbeats use a clock that nobody can set (`Monotonic`).
- With `mended`, bodies are read to their end, and a poll that a browser repeats ends its session.

What we know of a session is in a `PeerState` of our own, and never on the library's socket. These
private parts of the libraries are overridden or replaced, since they have no public hook:

- `engineio.AsyncServer._async`: its driver, to replace `WebSocket` and `translate_request`.
- `engineio.AsyncServer._handle_connect`: to open a session that no HTTP request asks for.
- `engineio.AsyncServer._upgrades`: to offer an upgrade that the library does not have.
- `socketio.AsyncServer._engineio_server_class`: to make the library use this class.
- `socketio.AsyncServer._handle_event`: to refuse an event before its client has connected.
- `engineio.async_socket.AsyncSocket._websocket_handler`: the driver gets the socket from it.
- `engineio.base_socket.time` and `engineio.async_socket.time`: the clock of the heartbeats.

`tests/transports/socketio/test_engine.py` lists all that is overridden, the public methods too, and
fails when one of their signatures changes.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from functools import partial
from http import HTTPStatus
from typing import Any
from weakref import WeakKeyDictionary

import engineio
from aiohttp import web
from engineio import async_socket, base_socket
from engineio.async_drivers import aiohttp as driver
from engineio.packet import NOOP, Packet

from transports._shared.fairness import Share
from transports._socketio.driver import (
    INVALID_PAYLOAD,
    Carrier,
    PeerState,
    WebSocket,
    translate_whole,
)
from transports._socketio.queue import BoundedQueue, PagedQueue

Handler = Callable[..., Coroutine[Any, Any, Any]]
Carry = Callable[[Handler], Coroutine[Any, Any, None]]
"""Runs the library's handler on a carrier."""
CARRY = "lab.carry"
"""The key of that in the library's description of a request."""


class Monotonic:
    """The module `time` for the library's sockets.

    With the wall clock that they would read, a client that is gone stays for as long as the clock
    is set back, and one that is there is lost when it is set forward.
    """

    time = staticmethod(time.monotonic)


base_socket.time = async_socket.time = Monotonic


class Engine(engineio.AsyncServer):  # type: ignore[misc]
    """The Engine.IO server of the Socket.IO transports.

    `page` is the number of packets of a replay that one payload may have; None means no limit.
    """

    def __init__(
        self,
        *,
        queue_bytes: int,
        websocket_compression: bool,
        mended: bool,
        page: int | None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.upgrades_to: str | None = None
        """What the open packet of a polling session offers in place of WebSocket."""
        self.websocket_compression = websocket_compression
        self._queue_bytes = queue_bytes
        self._page = page
        self._peers: WeakKeyDictionary[Any, PeerState] = WeakKeyDictionary()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._share = Share()
        self._async: dict[str, Any] = {**driver._async, "websocket": _carrying}
        self._mended = mended
        if mended:
            self._async["translate_request"] = translate_whole

    def peer(self, socket: Any) -> PeerState:
        """Return what we know of the session of this socket of the library."""
        return self._peers.setdefault(socket, PeerState())

    def sessions(self) -> int:
        """How many Engine.IO sessions are open."""
        return sum(not socket.closed for socket in self.sockets.values())

    # The library's hooks.

    def create_queue(self) -> BoundedQueue:
        """The library's hook for the queue of a new connection."""
        if self._page is None:
            return BoundedQueue(self._queue_bytes)
        return PagedQueue(self._queue_bytes, self._page)

    def start_background_task(
        self, target: Callable[..., Coroutine[Any, Any, Any]], *args: Any, **kwargs: Any
    ) -> asyncio.Task[Any]:
        """The library's hook for tasks. They are kept, so that shutdown can end them."""
        task: asyncio.Task[Any] = super().start_background_task(target, *args, **kwargs)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def on(self, event: str, handler: Handler) -> None:
        """The library's hook to set the handlers for messages and for the end of a session."""
        around = {"message": self._message, "disconnect": self._disconnected}.get(event)
        super().on(event, handler if around is None else partial(around, handler))

    async def _message(self, handler: Handler, sid: str, data: object) -> None:
        """Handle one message. If that fails, end its session and ignore its other messages.

        The library only logs the error: the command is lost, a POST is answered with 200, and what
        the message has done by half stays.
        """
        socket = self.sockets.get(sid)
        if socket is None or self.peer(socket).broken:
            return
        try:
            await handler(sid, data)
        except Exception as error:
            self.peer(socket).broken = True
            if socket.upgraded:
                await self.end_broken(sid)
            if not isinstance(error, ValueError):  # a ValueError means an invalid packet
                asyncio.get_running_loop().call_exception_handler(
                    {"message": "a Socket.IO message was not carried out", "exception": error}
                )
        await self._share.taken()  # the library handles all packets of a body without a pause

    async def _disconnected(self, handler: Handler, sid: str, reason: str) -> None:
        await handler(sid, reason)
        if reason == self.reason.CLIENT_DISCONNECT:
            # A polling client that posts its CLOSE packet has a GET pending. The library leaves
            # it waiting for a packet that never comes.
            socket = self.sockets.get(sid)
            if socket is not None and not socket.upgraded:
                self._release(socket)

    def _upgrades(self, sid: str, transport: str) -> list[str]:
        """The library's list of upgrades for an open packet."""
        if self.upgrades_to is None:
            offered: list[str] = super()._upgrades(sid, transport)
            return offered
        return [self.upgrades_to] if transport == "polling" else []

    # Requests.

    async def handle_request(self, request: web.Request) -> Any:
        """The library's entry for each request. A request of an ended session is refused."""
        sid = request.query.get("sid", "")
        socket = self.sockets.get(sid)
        if socket is not None and socket.closed:
            del self.sockets[sid]  # the library raises KeyError for a POST
        if _names_websocket(request) and not self._can_upgrade(request, socket):
            return _refused("malformed WebSocket handshake")
        if self._mended and socket is not None and self._repeats(request, socket):
            await self.drop(sid, self.reason.TRANSPORT_ERROR)
        try:
            response = await super().handle_request(request)
        except KeyError:
            # The library looks the session up once the body of a POST has come. Until then it may
            # have ended, and for that the library raises KeyError.
            if socket is None or not socket.closed:
                raise
            return _refused("the session has ended")
        if request.method == "POST" and socket is not None and self.peer(socket).broken:
            await self.end_broken(sid)
            return _refused("the body has an invalid packet")
        return response

    def _repeats(self, request: web.Request, socket: Any) -> bool:
        polls = self.peer(socket).polls
        is_poll = request.method == "GET"
        return is_poll and polls.repeats(request.query.get("t"), request.transport)

    def _can_upgrade(self, request: web.Request, socket: Any) -> bool:
        """Whether the library may see a request that names WebSocket.

        For a malformed handshake the library makes a session that nobody uses, or it answers a
        poll, and the packets are in a response that no WebSocket client reads.
        """
        return (
            request.query.get("transport") == "websocket"
            and web.WebSocketResponse().can_prepare(request).ok
            and not (socket is not None and socket.upgrading)
        )

    # What carries packets beside polling.

    async def carry(self, handler: Handler, carrier: Carrier) -> None:
        """Let the library's handler read and write packets on this carrier, to its end."""
        socket = handler.__self__  # type: ignore[attr-defined]
        self.peer(socket).carrier = carrier
        try:
            await handler(carrier)
        except (ValueError, RecursionError):
            # No packet. The library's handler ends here, but leaves the session open.
            await self.end_broken(socket.sid)
        finally:
            socket.upgrading = False  # or polls get nothing after a WebSocket without a probe

    async def open_on(self, carry: Carry) -> None:
        """Open a session on something that the library takes for a WebSocket, and serve it."""
        await self._handle_connect(_asking(carry), "websocket")

    async def upgrade_on(self, sid: str, carry: Carry) -> bool:
        """Let a polling session go on, on something that the library takes for a WebSocket.

        Returns when that has ended. False: there is no such session, or it is no longer polling.
        """
        socket = self.sockets.get(sid)
        if socket is None or socket.closed or socket.upgrading or socket.upgraded:
            return False
        await socket.handle_get_request(_asking(carry))
        return True

    # Ends.

    async def drop(
        self, sid: str, reason: str = engineio.AsyncServer.reason.SERVER_DISCONNECT
    ) -> None:
        """End a session at once. Its unsent packets are lost."""
        carrier = await self._close(sid, reason)
        if carrier is not None:
            carrier.abort()

    async def end_broken(self, sid: str) -> None:
        """End the session of a client that sent something that is not a packet."""
        carrier = await self._close(sid, self.reason.TRANSPORT_ERROR)
        if carrier is not None:
            await carrier.end(INVALID_PAYLOAD)

    async def disconnect(self, sid: str | None = None) -> None:
        """The library's method, without waiting for a poll that takes the queued packets."""
        if sid is None:
            await super().disconnect()
        else:
            await self.drop(sid)

    async def _close(self, sid: str, reason: str) -> Carrier | None:
        """Forget a session. Returns its carrier, which is still open."""
        socket = self.sockets.pop(sid, None)
        if socket is None:
            return None
        await socket.close(wait=False, abort=True, reason=reason)
        self._release(socket)
        return self.peer(socket).carrier

    async def close_all(self) -> None:
        """Send each client a CLOSE packet, without waiting for clients that don't read."""
        for socket in list(self.sockets.values()):
            await socket.close(wait=False, reason=self.reason.SERVER_DISCONNECT)
            if socket.upgraded:
                self._release(socket)

    async def stop(self) -> None:
        """End all background tasks, also those of the heartbeats."""
        await self.shutdown()
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        self.sockets.clear()

    def _release(self, socket: Any) -> None:
        """Answer a pending poll with a no-op, or end the writing task of a WebSocket."""
        socket.queue.put_nowait(None if socket.upgraded else Packet(NOOP))


def _asking(carry: Carry) -> dict[str, Any]:
    """The library's description of a request for a WebSocket that there is not."""
    return {"HTTP_CONNECTION": "upgrade", "HTTP_UPGRADE": "websocket", CARRY: carry}


def _carrying(handler: Handler, server: Engine) -> Callable[[dict[str, Any]], Any]:
    """The driver's WebSocket, or what `open_on` was given for it."""

    async def carry(environ: dict[str, Any]) -> Any:
        own: Carry | None = environ.get(CARRY)
        return await (WebSocket(handler, server)(environ) if own is None else own(handler))

    return carry


def _names_websocket(request: web.Request) -> bool:
    """Whether a request is meant to open a WebSocket, valid or not.

    Without a session no packet can be lost. Then an Upgrade field beside another transport is
    ignored (RFC 9110 section 7.8).
    """
    if request.method != "GET":
        return False
    if request.query.get("transport") == "websocket":
        return True
    offered = ",".join(request.headers.getall("Upgrade", ())).lower().split(",")
    return "sid" in request.query and "websocket" in map(str.strip, offered)


def _refused(reason: str) -> web.Response:
    return web.json_response(reason, status=HTTPStatus.BAD_REQUEST)
