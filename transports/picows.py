"""The transport `picows`: native WebSocket on picows, whose frames and sockets are in Cython.

It is one of the fastest WebSocket libraries for Python, and is here to compare the tuned
transports with. The library calls `on_ws_frame` for each frame that it has read, without a pause.
So this file joins fragments, bounds messages, and pauses reading so that one client does not hold
up the others. docs/tuned.md lists what the library accepts. The client is `_native/client.py`.
"""

from __future__ import annotations

import asyncio
from asyncio import AbstractEventLoop
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import Any

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

# isort: split
# After picows, which brings it: where both are missing, the message names picows.
import aiofastnet

from lab.chat.effects import Member
from lab.chat.events import Why
from lab.contract import (
    Capability,
    Chat,
    Heartbeat,
    ServeOptions,
    Settings,
    Stack,
)
from transports._native import server as native
from transports._native.transport import NativeTransport
from transports._shared.accepting import Listener
from transports._shared.fairness import LIBRARY_SHARE
from transports._shared.origin import Admission
from transports._shared.serving import CLOSE_TIMEOUT_S, bound
from transports._shared.tls import server_context
from transports._shared.versions import PYTHON, installed
from transports._tuned import listener

MESSAGE_TOO_BIG = 1009
"""RFC 6455 section 7.4.1: the message is longer than the server accepts."""


class _Connection(WSListener):
    """One connection of the server, as the library's listener."""

    def __init__(self, server: _Server) -> None:
        super().__init__()
        self.transport: WSTransport
        self._server = server
        self._member: Member | None = None
        self._parts = bytearray()
        self._ended = False
        self._taken = 0
        self._waiting: deque[Callable[[], None]] = deque()

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport
        limit = self._server.chat.limits.queue_bytes
        transport.underlying_transport.set_write_buffer_limits(high=limit)
        self._member = self._server.admit(self)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.CLOSE:
            job: Callable[[], None] = partial(
                self._closed, frame.get_close_code(), frame.get_close_message()
            )
        elif frame.msg_type == WSMsgType.BINARY:
            job = partial(self.end, native.UNSUPPORTED_DATA, "text frames only", "lost")
        elif frame.msg_type in (WSMsgType.TEXT, WSMsgType.CONTINUATION):
            whole = frame.msg_type == WSMsgType.TEXT and frame.fin
            job = partial(self._text, frame.get_payload_as_bytes(), whole, frame.fin)
        elif frame.msg_type == WSMsgType.PING:
            job = partial(transport.send_pong, frame.get_payload_as_bytes())
        else:
            return
        # The library calls this for all frames that it has read, without a pause.
        if self._waiting or self._taken == LIBRARY_SHARE:
            self._wait(job)
        else:
            self._taken += 1
            self._take(job)

    def _wait(self, job: Callable[[], None]) -> None:
        if not self._waiting:
            self.transport.underlying_transport.pause_reading()
            asyncio.get_running_loop().call_soon(self._go_on)
        self._waiting.append(job)

    def _go_on(self) -> None:
        self._taken = min(LIBRARY_SHARE, len(self._waiting))
        for _ in range(self._taken):
            self._take(self._waiting.popleft())
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._go_on)
        else:
            self.transport.underlying_transport.resume_reading()

    def _take(self, job: Callable[[], None]) -> None:
        if not self._ended and self._member in self._server.connections:
            job()

    def _closed(self, code: WSCloseCode, message: bytes) -> None:
        assert self._member is not None
        self._server.chat.detach(self._member, "closed")
        self.transport.send_close(code, message)
        self.transport.disconnect()

    def _text(self, payload: bytes, whole: bool, fin: bool) -> None:
        member = self._member
        assert member is not None
        if whole:
            self._server.receive(member, self, payload)
            return
        # The library bounds each frame, but not a message of several (RFC 6455 section 5.4).
        most = self._server.chat.limits.frame_bytes
        if len(self._parts) + len(payload) > most:
            self._parts = bytearray()
            self.end(MESSAGE_TOO_BIG, f"at most {most} bytes", "lost")
            return
        self._parts += payload
        if fin:
            message, self._parts = bytes(self._parts), bytearray()
            self._server.receive(member, self, message)

    def pause_writing(self) -> None:
        self.end(native.POLICY_VIOLATION, "slow_consumer", "slow_consumer")

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        if self._member is not None:
            self._server.chat.detach(self._member, "lost")
            del self._server.connections[self._member]
            self._server.departed()

    def end(self, code: int, reason: str, why: Why) -> None:
        """Send a close frame, and cut the connection if no answer comes."""
        assert self._member is not None
        if self._ended:
            return
        self._ended = True
        self._server.chat.detach(self._member, why)
        self.transport.send_close(WSCloseCode(code), reason.encode())
        loop = asyncio.get_running_loop()
        loop.call_later(CLOSE_TIMEOUT_S, self.transport.disconnect, False)


class _Server(native.NativeServer[_Connection]):
    """The outlet: encodes each event once. The library frames it for each member."""

    def __init__(self, chat: Chat, options: ServeOptions) -> None:
        super().__init__(chat)
        self._admission = Admission(options)
        self._empty = asyncio.Event()

    def open(self, request: WSUpgradeRequest) -> _Connection | WSUpgradeResponseWithListener:
        def values(name: str) -> list[str]:
            return request.headers.getall(name, [])

        refusal = self._admission.refusal_of(values, request.path.decode("latin-1"))
        if refusal is None:
            return _Connection(self)
        answer = WSUpgradeResponse.create_error_response(refusal.status, refusal.reason.encode())
        return WSUpgradeResponseWithListener(answer, None)

    def admit(self, connection: _Connection) -> Member:
        member = self.chat.attach(self)
        self.connections[member] = connection
        return member

    def write(self, connections: Iterable[_Connection], text: bytes) -> None:
        for connection in list(connections):
            connection.transport.send(WSMsgType.TEXT, text)

    def departed(self) -> None:
        if not self.connections:
            self._empty.set()

    async def close_all(self) -> None:
        """Close all connections, and wait for them. For the room this is an orderly end."""
        for connection in list(self.connections.values()):
            connection.end(native.GOING_AWAY, "", "closed")
        self._empty.clear()
        if self.connections:
            await asyncio.wait_for(self._empty.wait(), 1.5 * CLOSE_TIMEOUT_S)


@contextmanager
def _handshakes_may_fail() -> Iterator[None]:
    """Ignore that a client breaks off its TLS handshake, as asyncio does.

    aiofastnet means to, but hands the class of the error to a check that takes an instance. So it
    reports each such client to the event loop as an error of the program.
    """
    loop = asyncio.get_running_loop()
    before = loop.get_exception_handler()

    def handle(loop: AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        kind = error if isinstance(error, type) else type(error)
        if issubclass(kind, OSError) and context["message"] == "SSL handshake failed":
            return
        if before is None:
            loop.default_exception_handler(context)
        else:
            before(loop, context)

    loop.set_exception_handler(handle)
    try:
        yield
    finally:
        loop.set_exception_handler(before)


class Picows(NativeTransport):
    """RFC 6455 as picows implements it."""

    name = "picows"
    summary = "native WebSocket on picows, whose hot path is compiled"
    tuned = "websocket-tuned"
    # The library accepts much that breaks the protocol (docs/tuned.md).
    capabilities = native.CAPABILITIES - {Capability.ROOM}

    def new_event_loop(self) -> Callable[[], AbstractEventLoop] | None:
        """See `Transport`."""
        return listener.new_event_loop()

    def stack(self) -> Stack:
        """See `Transport`."""
        return Stack(language=PYTHON, server=installed("picows"), client=installed("websockets"))

    def effective_settings(self, settings: Settings) -> Mapping[str, str]:
        """See `Transport`."""
        beat = "none" if settings == "stock" else f"{Heartbeat()}, by the server"
        return {
            "compression": "none",
            "heartbeat": beat,
            "event loop": listener.event_loop(),
        }

    @asynccontextmanager
    async def serve(self, chat: Chat, options: ServeOptions) -> AsyncIterator[_Server]:
        """See `Transport`."""
        server = _Server(chat, options)
        tls = server_context(options.tls)
        sock = await bound(options.host, options.port)
        listening = await ws_create_server(
            server.open,
            sock=sock,
            start_serving=False,
            enable_auto_ping=options.settings == "equal",
            auto_ping_idle_timeout=options.heartbeat.interval_s,
            # With a timeout longer than the interval, the library would end every connection.
            auto_ping_reply_timeout=min(options.heartbeat.timeout_s, options.heartbeat.interval_s),
            websocket_handshake_timeout=options.request_timeout_s,
            enable_auto_pong=False,  # the library answers a flood of pings without a pause
            max_frame_size=chat.limits.frame_bytes,
        )
        port = sock.getsockname()[1]
        server.address = self.address_at(options, port)
        # The library's own listener accepts nothing any more after it had no file for a connection.
        make = listening._protocol_factory  # type: ignore[attr-defined]
        attach = partial(aiofastnet.connect_accepted_socket, asyncio.get_running_loop())
        try:
            with _handshakes_may_fail(), Listener(sock, make, attach, tls=tls):
                yield server
        finally:
            listening.close()
            await server.close_all()
