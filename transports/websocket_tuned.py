"""The wire `websocket-tuned`: native, on nothing but sockets: the protocol without a library."""

from __future__ import annotations

import socket
from asyncio import AbstractEventLoop
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus

from lab.chat import events
from lab.chat.effects import Member
from lab.chat.events import RoomEvent, Why
from lab.contract import (
    Address,
    Capability,
    Chat,
    Connection,
    ConnectOptions,
    ServeOptions,
    Settings,
    Stack,
    Transport,
    netloc,
)
from transports import _native, _tuned_serving
from transports._native_client import connect_native
from transports._tuned_frames import PING, TEXT, frame
from transports._tuned_handshake import accept, check_origin
from transports._tuned_http import RefusedError, Request
from transports._tuned_reactor import Reactor
from transports._tuned_rooms import Groups
from transports._tuned_websocket import WebSocketLine
from transports._tuned_wheel import Wheel
from transports._versions import PYTHON, installed

INTERNAL_ERROR = 1011
"""RFC 6455 section 7.4.1; what the library `websockets` closes with where a pong stays away."""
BEAT = b"beat"
"""What a ping carries and its pong brings back; as many bytes as `websockets` takes."""


class _Line(WebSocketLine):
    """One connection of the server."""

    __slots__ = ("_awaiting_pong", "_member", "_server")

    def __init__(self, sock: socket.socket, server: _Server) -> None:
        super().__init__(sock, server.reactor, server.wheel, server.chat.limits)
        self._server = server
        self._member: Member | None = None
        self._awaiting_pong = False

    def requested(self, request: Request, body: bytes) -> None:
        if request.path != "/":
            raise RefusedError(HTTPStatus.NOT_FOUND, "the room is at /")
        check_origin(request, self._server.origins)
        self.upgrade(accept(request))
        self._member = self._server.admit(self)
        self.wheel.until_ping(self)

    def text(self, payload: bytes) -> None:
        assert self._member is not None
        self._server.receive(self._member, self, payload)

    def binary(self, payload: bytes) -> None:
        self.fail(_native.UNSUPPORTED_DATA, "text frames only")

    def ponged(self) -> None:
        if self._awaiting_pong:
            self._awaiting_pong = False
            self.wheel.until_ping(self)

    def expired(self) -> None:
        if self._member is None:
            self.close()
        elif self._awaiting_pong:
            self.fail(INTERNAL_ERROR, "keepalive ping timeout")
        else:
            self._awaiting_pong = True
            self.reactor.put(self, frame(PING, BEAT))
            self.wheel.until_lost(self)

    def goodbye(self) -> None:
        if self._member is None:
            self.close()
        else:
            # The room ends with the server, or goes on among those on its other wires.
            self.fail(_native.GOING_AWAY, "", "closed")

    def departed(self, why: Why) -> None:
        if self._member is not None:
            self._server.chat.detach(self._member, why)

    def closed(self) -> None:
        super().closed()
        if self._member is not None:
            del self._server.connections[self._member]


class _Server(_native.NativeServer[_Line]):
    """The outlet: every event encoded once, framed once, and put down once for its room."""

    def __init__(self, chat: Chat, options: ServeOptions) -> None:
        super().__init__(chat)
        self.origins = options.origins
        self.reactor = Reactor()
        self.wheel = Wheel(options.heartbeat)
        self._groups = Groups(self.reactor)

    def open_line(self, sock: socket.socket) -> _Line:
        return _Line(sock, self)

    def admit(self, line: _Line) -> Member:
        member = self.chat.attach(self)
        self.connections[member] = line
        return member

    def enter(self, member: Member, room: str) -> None:
        self._groups.enter(room, self.connections[member])

    def exit(self, member: Member, room: str) -> None:
        self._groups.exit(room, self.connections[member])

    def broadcast(self, room: str, event: RoomEvent, skip: Member | None) -> None:
        skipped = None if skip is None else self.connections.get(skip)
        self._groups.send(room, frame(TEXT, events.encode(event)), skipped)

    def write(self, connections: Iterable[_Line], text: bytes) -> None:
        for line in connections:
            self.reactor.put(line, frame(TEXT, text))


class WebSocketTuned(Transport):
    """RFC 6455, as little code as a delivery can do with."""

    name = "websocket-tuned"
    summary = "native WebSocket by hand, written for speed: the protocol without a library"
    tuned = "websocket-tuned"
    floor = "limit-gathered"
    capabilities = _native.CAPABILITIES | {Capability.MASK_CHECK}

    def unavailable(self) -> str | None:
        """See `Transport`."""
        return _tuned_serving.unavailable()

    def new_event_loop(self) -> Callable[[], AbstractEventLoop] | None:
        """See `Transport`."""
        return _tuned_serving.new_event_loop()

    def stack(self) -> Stack:
        """See `Transport`."""
        return Stack(
            language=PYTHON, server=installed("transport-lab"), client=installed("websockets")
        )

    def knobs(self, settings: Settings) -> Mapping[str, str]:
        """See `Transport`."""
        clients = "permessage-deflate offered, and declined" if settings == "stock" else "none"
        return {
            "compression": clients,
            "heartbeat": "25 s + 20 s, by the server",
            "event loop": _tuned_serving.event_loop(),
            "writes": "one for each connection and turn of the loop",
            "101": "without Date and Server",
        }

    @asynccontextmanager
    async def serve(self, chat: Chat, options: ServeOptions) -> AsyncIterator[_Server]:
        """See `Transport`."""
        server = _Server(chat, options)
        async with _tuned_serving.listening(
            options, server.reactor, server.wheel, server.open_line
        ) as port:
            url = f"ws://{netloc(options.host, port)}/"
            server.address = Address(url, options.host, port, websocket_url=url)
            yield server

    async def connect(
        self, url: str, on_event: Callable[[RoomEvent], None], options: ConnectOptions
    ) -> Connection:
        """See `Transport`."""
        return await connect_native(url, on_event, options)
