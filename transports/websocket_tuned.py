"""The transport `websocket-tuned`: native WebSocket on bare sockets, without a library.

It shows what the protocol costs when no library stands in between. How it gets fast:

- One epoll serves all sockets, and each connection gets one write in a turn (`_tuned/reactor.py`).
- Each event is encoded and framed once, and stored once for all members (`_tuned/groups.py`).
- One timer serves all heartbeats and deadlines (`_tuned/timer_wheel.py`).

`_codec` reads and writes frames and HTTP; `_tuned/websocket.py` joins both to one connection. Here
stands what the room adds: members, events, and this transport's heartbeat. The bytes are those of
`websocket`, and its client is the same (`_native/client.py`).
"""

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
    Capability,
    Chat,
    Heartbeat,
    ServeOptions,
    Settings,
    Stack,
)
from transports._codec.frames import PING, TEXT, frame
from transports._codec.grammar import RefusedError
from transports._codec.handshake import accept, check_admission
from transports._codec.http import Request
from transports._native import server as native
from transports._native.transport import NativeTransport
from transports._shared.origin import Admission
from transports._shared.versions import PYTHON, installed
from transports._tuned import listener
from transports._tuned.groups import Groups
from transports._tuned.reactor import Reactor
from transports._tuned.timer_wheel import TimerWheel
from transports._tuned.websocket import TunedWebSocketConnection

INTERNAL_ERROR = 1011
"""RFC 6455 section 7.4.1. The library `websockets` closes with it when no pong comes."""
BEAT = b"beat"
"""The payload of a ping and of its pong. It is as long as that of `websockets`."""


class _Connection(TunedWebSocketConnection):
    """One connection of the server."""

    __slots__ = ("_awaiting_pong", "_member", "_server")

    def __init__(self, sock: socket.socket, server: _Server) -> None:
        super().__init__(sock, server.reactor, server.timer_wheel, server.chat.limits)
        self._server = server
        self._member: Member | None = None
        self._awaiting_pong = False

    def requested(self, request: Request, body: bytes) -> None:
        if request.path != "/":
            raise RefusedError(HTTPStatus.NOT_FOUND, "the room is at /")
        check_admission(request, self._server.admission)
        self.upgrade(accept(request))
        self._member = self._server.admit(self)
        self.timer_wheel.until_ping(self)

    def text(self, payload: bytes) -> None:
        assert self._member is not None
        self._server.receive(self._member, self, payload)

    def binary(self, payload: bytes) -> None:
        self.fail(native.UNSUPPORTED_DATA, "text frames only")

    def ponged(self) -> None:
        if self._awaiting_pong:
            self._awaiting_pong = False
            self.timer_wheel.until_ping(self)

    def expired(self) -> None:
        if self._member is None:
            super().expired()
        elif self._awaiting_pong:
            self.fail(INTERNAL_ERROR, "keepalive ping timeout")
        else:
            self._awaiting_pong = True
            self.reactor.put(self, frame(PING, BEAT))
            self.timer_wheel.until_lost(self)

    def shut_down(self) -> None:
        if self._member is None:
            self.close()
        else:
            # For the room this is an orderly end: members on its other transports may go on.
            self.fail(native.GOING_AWAY, "", "closed")

    def departed(self, why: Why) -> None:
        if self._member is not None:
            self._server.chat.detach(self._member, why)

    def closed(self) -> None:
        super().closed()
        if self._member is not None:
            del self._server.connections[self._member]


class _Server(native.NativeServer[_Connection]):
    """The outlet: encodes and frames each event once, and stores it once for its room."""

    def __init__(self, chat: Chat, options: ServeOptions) -> None:
        super().__init__(chat)
        self.admission = Admission(options)
        self.reactor = Reactor()
        self.timer_wheel = TimerWheel(options.heartbeat, options.request_timeout_s)
        self._groups = Groups(self.reactor)

    def open_connection(self, sock: socket.socket) -> _Connection:
        return _Connection(sock, self)

    def admit(self, connection: _Connection) -> Member:
        member = self.chat.attach(self)
        self.connections[member] = connection
        return member

    def enter(self, member: Member, room: str) -> None:
        self._groups.enter(room, self.connections[member])

    def exit(self, member: Member, room: str) -> None:
        self._groups.exit(room, self.connections[member])

    def broadcast(self, room: str, event: RoomEvent, skip: Member | None) -> None:
        skipped = None if skip is None else self.connections.get(skip)
        self._groups.send(room, frame(TEXT, events.encode(event)), skipped)

    def write(self, connections: Iterable[_Connection], text: bytes) -> None:
        for connection in connections:
            self.reactor.put(connection, frame(TEXT, text))


class WebSocketTuned(NativeTransport):
    """RFC 6455 by hand, with as little work for each delivery as possible."""

    name = "websocket-tuned"
    summary = "native WebSocket by hand, written for speed: the protocol without a library"
    tuned = "websocket-tuned"
    limit_transport = "limit-gathered"
    capabilities = native.CAPABILITIES | {Capability.MASK_CHECK, Capability.OWN_HTTP}

    def unavailable(self) -> str | None:
        """See `Transport`."""
        return listener.unavailable()

    def new_event_loop(self) -> Callable[[], AbstractEventLoop] | None:
        """See `Transport`."""
        return listener.new_event_loop()

    def stack(self) -> Stack:
        """See `Transport`."""
        return Stack(
            language=PYTHON, server=installed("transport-lab"), client=installed("websockets")
        )

    def effective_settings(self, settings: Settings) -> Mapping[str, str]:
        """See `Transport`."""
        clients = "permessage-deflate offered, and declined" if settings == "stock" else "none"
        return {
            "compression": clients,
            "heartbeat": f"{Heartbeat()}, by the server",
            "event loop": listener.event_loop(),
            "writes": "one for each connection and turn of the loop",
            "101": "without Date and Server",
        }

    @asynccontextmanager
    async def serve(self, chat: Chat, options: ServeOptions) -> AsyncIterator[_Server]:
        """See `Transport`."""
        server = _Server(chat, options)
        async with listener.listening(
            options, server.reactor, server.timer_wheel, server.open_connection
        ) as port:
            server.address = self.address_at(options, port)
            yield server
