"""Shared by the tuned Socket.IO wires: one connection to the Engine.IO server."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from lab.chat.events import Why
from transports._tuned_frames import GOING_AWAY, INVALID_DATA, NORMAL, TEXT, close_frame, frame
from transports._tuned_http import Request
from transports._tuned_packets import CLOSE, PROBE, PROBED, NotAPacketError
from transports._tuned_responses import cors_headers, query_of
from transports._tuned_session import Session
from transports._tuned_websocket import WebSocketLine

if TYPE_CHECKING:
    from transports._tuned_engine import Engine

UPGRADED = b"5"


class EngineLine(WebSocketLine):
    """One connection: requests of one session or of several, or the WebSocket of one.

    `session` is the one that it carries, is about to carry, or last answered a poll of.
    """

    __slots__ = ("_active", "_cors", "_engine", "_last", "session")

    def __init__(self, sock: socket.socket, engine: Engine) -> None:
        super().__init__(sock, engine.reactor, engine.wheel, engine.limits)
        self.session: Session | None = None
        self._engine = engine
        self._active = False
        self._cors = b""
        self._last = False

    # HTTP.

    def requested(self, request: Request, body: bytes) -> None:
        self.session = None
        self._active = True
        self._last = not request.keeps_alive
        self._cors = cors_headers(request)
        self._engine.route(self, request, body)

    def too_large(self, request: Request) -> None:
        session = self._engine.sessions.get(query_of(request).get("sid", ""))
        if session is not None and session.line is None:
            session.end("lost", bytes((CLOSE,)))

    def answer(self, data: bytes) -> None:
        """Send a whole response; the connection lives on where the request allows it."""
        if self._last:
            self.finish(data)
        else:
            self.send(data)

    def answer_poll(self, packets: list[bytes]) -> None:
        """Answer the poll that kept this connection busy."""
        self.answer(self._engine.responses.payload(packets, self._cors))
        self.answered()

    def answer_ok(self) -> None:
        """Answer a request that asked for nothing back."""
        self.answer(self._engine.responses.payload([b"OK"], self._cors, b"text/plain"))

    # WebSocket.

    def text(self, payload: bytes) -> None:
        session = self.session
        assert session is not None
        try:
            if session.line is self:
                session.take(payload)
            elif payload == PROBE and session.upgrading is None and session.line is None:
                session.probed(self)
                self.reactor.put(self, frame(TEXT, PROBED))
            elif payload == UPGRADED and session.upgrading is self:
                self.wheel.remove(self)
                session.upgraded(self)
            else:
                self.departed("lost")
                self.finish(close_frame(NORMAL))
        except NotAPacketError as error:
            self.fail(INVALID_DATA, str(error))

    def binary(self, payload: bytes) -> None:
        session = self.session
        try:
            if session is None or session.line is not self:
                raise NotAPacketError("an upgrade begins with a probe")
            session.application.attachment(session, payload)
        except NotAPacketError as error:
            self.fail(INVALID_DATA, str(error))

    def ponged(self) -> None:
        """Engine.IO has heartbeats of its own."""

    # Ends.

    def departed(self, why: Why) -> None:
        session = self.session
        if session is None:
            return
        if session.upgrading is self:
            session.upgrading = None
        elif session.line is self or session.poll.pending is self or self.backlog:
            # Of a poll, too: what its answer held has not arrived, and is nowhere else.
            session.end(why)

    def expired(self) -> None:
        if self.frames is not None or self.backlog is not None or not (self._active or self.busy):
            self.close()
            return
        self._active = False
        self.wheel.until_idle(self)

    def goodbye(self) -> None:
        self.finish(b"" if self.frames is None else close_frame(GOING_AWAY))
