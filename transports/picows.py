"""The wire `picows`: native, on the library picows, whose frames and sockets are in Cython."""

from __future__ import annotations

import asyncio
from asyncio import AbstractEventLoop
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus

from picows import (
    WSCloseCode,
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeRequest,
    WSUpgradeResponse,
    WSUpgradeResponseWithListener,
    ws_create_server,
)

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
from transports import _native, _origin, _tuned_serving
from transports._native_client import connect_native
from transports._serving import BACKLOG, CLOSE_TIMEOUT_S
from transports._versions import PYTHON, installed


class _Line(WSListener):
    """One connection of the server: the library's listener."""

    def __init__(self, server: _Server) -> None:
        super().__init__()
        self.transport: WSTransport
        self._server = server
        self._member: Member | None = None
        self._parts: list[bytes] = []

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport
        limit = self._server.chat.limits.queue_bytes
        transport.underlying_transport.set_write_buffer_limits(high=limit)
        self._member = self._server.admit(self)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        assert self._member is not None
        if frame.msg_type == WSMsgType.CLOSE:
            self._server.chat.detach(self._member, "closed")
            transport.send_close(frame.get_close_code(), frame.get_close_message())
            transport.disconnect()
        elif frame.msg_type == WSMsgType.BINARY:
            self.end(_native.UNSUPPORTED_DATA, "text frames only", "lost")
        else:
            self._text(self._member, frame)

    def _text(self, member: Member, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.TEXT and frame.fin:
            self._server.receive(member, self, frame.get_payload_as_bytes())
            return
        self._parts.append(frame.get_payload_as_bytes())
        if frame.fin:
            whole, self._parts = b"".join(self._parts), []
            self._server.receive(member, self, whole)

    def pause_writing(self) -> None:
        self.end(_native.POLICY_VIOLATION, "slow_consumer", "slow_consumer")

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        if self._member is not None:
            self._server.chat.detach(self._member, "lost")
            del self._server.connections[self._member]
            self._server.departed()

    def end(self, code: int, reason: str, why: Why) -> None:
        """Say goodbye; cut the line where it is not answered."""
        assert self._member is not None
        self._server.chat.detach(self._member, why)
        self.transport.send_close(WSCloseCode(code), reason.encode())
        loop = asyncio.get_running_loop()
        loop.call_later(CLOSE_TIMEOUT_S, self.transport.disconnect, False)


class _Server(_native.NativeServer[_Line]):
    """The outlet: each event encoded once, and framed by the library for each member."""

    def __init__(self, chat: Chat, options: ServeOptions) -> None:
        super().__init__(chat)
        self._origins = options.origins
        self._empty = asyncio.Event()

    def open(self, request: WSUpgradeRequest) -> _Line | WSUpgradeResponseWithListener:
        headers = request.headers
        if _origin.allowed(headers.get("Origin"), headers.get("Host"), self._origins):
            return _Line(self)
        refusal = WSUpgradeResponse.create_error_response(
            HTTPStatus.FORBIDDEN, b"this Origin is not allowed\n"
        )
        return WSUpgradeResponseWithListener(refusal, None)

    def admit(self, line: _Line) -> Member:
        member = self.chat.attach(self)
        self.connections[member] = line
        return member

    def write(self, connections: Iterable[_Line], text: bytes) -> None:
        for line in list(connections):
            line.transport.send(WSMsgType.TEXT, text)

    def departed(self) -> None:
        if not self.connections:
            self._empty.set()

    async def say_goodbye(self) -> None:
        """The room ends with the server, or goes on among those on its other wires."""
        for line in list(self.connections.values()):
            line.end(_native.GOING_AWAY, "", "closed")
        self._empty.clear()
        if self.connections:
            await asyncio.wait_for(self._empty.wait(), 1.5 * CLOSE_TIMEOUT_S)


class Picows(Transport):
    """RFC 6455, as picows speaks it."""

    name = "picows"
    summary = "native WebSocket on picows, whose hot path is compiled"
    tuned = "websocket-tuned"
    # It lets pass much that breaks the protocol (docs/tuned.md).
    capabilities = _native.CAPABILITIES - {Capability.ROOM}

    def new_event_loop(self) -> Callable[[], AbstractEventLoop] | None:
        """See `Transport`."""
        return _tuned_serving.new_event_loop()

    def stack(self) -> Stack:
        """See `Transport`."""
        return Stack(language=PYTHON, server=installed("picows"), client=installed("websockets"))

    def knobs(self, settings: Settings) -> Mapping[str, str]:
        """See `Transport`."""
        beat = "none" if settings == "stock" else "25 s + 20 s, by the server"
        return {
            "compression": "none",
            "heartbeat": beat,
            "event loop": _tuned_serving.event_loop(),
        }

    @asynccontextmanager
    async def serve(self, chat: Chat, options: ServeOptions) -> AsyncIterator[_Server]:
        """See `Transport`."""
        server = _Server(chat, options)
        listening = await ws_create_server(
            server.open,
            options.host,
            options.port,
            enable_auto_ping=options.settings == "equal",
            auto_ping_idle_timeout=options.heartbeat.interval_s,
            # The library wants no longer patience than interval, and ends every line otherwise.
            auto_ping_reply_timeout=min(options.heartbeat.timeout_s, options.heartbeat.interval_s),
            websocket_handshake_timeout=options.heartbeat.timeout_s,
            max_frame_size=chat.limits.frame_bytes,
            backlog=BACKLOG,
        )
        port = listening.sockets[0].getsockname()[1]
        url = f"ws://{netloc(options.host, port)}/"
        server.address = Address(url, options.host, port, websocket_url=url)
        try:
            yield server
        finally:
            listening.close()
            await server.say_goodbye()

    async def connect(
        self, url: str, on_event: Callable[[RoomEvent], None], options: ConnectOptions
    ) -> Connection:
        """See `Transport`."""
        return await connect_native(url, on_event, options)
