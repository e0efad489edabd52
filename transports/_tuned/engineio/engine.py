"""The Engine.IO 4 server of the tuned Socket.IO transports, at `/socket.io/`.

It opens sessions, finds the session that a request names, and answers polls, POSTs and upgrades.
The texts and codes of its refusals are those of python-engineio.
"""

from __future__ import annotations

import base64
import secrets
import socket
from collections.abc import Iterator, Sequence
from functools import partial
from http import HTTPStatus

from lab.chat.events import Why
from lab.chat.limits import Limits
from lab.contract import ServeOptions
from transports._codec.frames import GOING_AWAY, INVALID_DATA, NORMAL, TEXT, close_frame, frame
from transports._codec.grammar import RefusedError
from transports._codec.handshake import accept, check_admission
from transports._codec.http import Request, response
from transports._shared.fairness import SHARE
from transports._shared.origin import Admission
from transports._tuned.engineio.packets import (
    CLOSE,
    PROBE,
    PROBED,
    SEPARATOR,
    NotAPacketError,
    open_packet,
)
from transports._tuned.engineio.responses import (
    Responses,
    bad_request,
    cors_headers,
    preflight_headers,
    query_of,
    readable_headers,
)
from transports._tuned.engineio.session import Application, Session, SessionConnection
from transports._tuned.reactor import Reactor
from transports._tuned.timer_wheel import TimerWheel

PATH = "/socket.io/"
UNSUPPORTED = "The client is using an unsupported version of the Socket.IO or Engine.IO protocols"
_PLAIN = {"Content-Type": "text/plain"}
UPGRADED = b"5"


class Engine:
    """The sessions of one server, and the handling of each request."""

    def __init__(
        self,
        application: Application,
        options: ServeOptions,
        limits: Limits,
        transports: Sequence[str],
        most_packets: int | None,
    ) -> None:
        self.limits = limits
        self.reactor = Reactor()
        self.timer_wheel = TimerWheel(options.heartbeat, options.request_timeout_s)
        self.sessions: dict[str, Session] = {}
        self._application = application
        self._options = options
        self._admission = Admission(options)
        self._transports = transports
        self._most_packets = most_packets
        self._number = 0
        self.responses = Responses()

    def open_connection(self, sock: socket.socket) -> EngineIoConnection:
        """Serve an accepted connection."""
        return EngineIoConnection(sock, self)

    def new_id(self) -> str:
        """Make an id that no client can guess. The number in it makes it unique."""
        self._number = (self._number + 1) & 0xFFFFFF
        return base64.urlsafe_b64encode(
            secrets.token_bytes(12) + self._number.to_bytes(3, "big")
        ).decode()

    def close_all(self) -> None:
        """End all sessions with a CLOSE packet."""
        for session in list(self.sessions.values()):
            session.close("closed", bytes((CLOSE,)))

    # Requests.

    def route(self, connection: EngineIoConnection, request: Request, body: bytes) -> None:
        """Answer one request.

        Raises:
            RefusedError: the request is malformed, or this server has no answer for it.
        """
        if request.path != PATH:
            raise RefusedError(HTTPStatus.NOT_FOUND, f"Engine.IO is at {PATH}")
        check_admission(request, self._admission)
        if request.method == "OPTIONS":
            closing = {} if request.keeps_alive else {"Connection": "close"}
            headers = _PLAIN | preflight_headers(request) | closing
            connection.answer(response(HTTPStatus.OK, b"OK", headers))
            return
        try:
            self._answer(connection, request, self._checked_query(request), body)
        except RefusedError as refused:
            refused.headers = {**refused.headers, **readable_headers(request)}
            raise

    def _checked_query(self, request: Request) -> dict[str, str]:
        query = query_of(request)
        if request.method not in ("GET", "POST"):
            raise bad_request("Bad handshake method")
        transport = query.get("transport")
        # Without WebSocket here, the server ignores an offer of it (RFC 9110 section 7.8).
        upgrades = (
            "websocket" in self._transports
            and request.method == "GET"
            and request.has("upgrade", "websocket")
        )
        # Query and headers must agree. Otherwise the client does not read the answer to a poll.
        if transport not in self._transports or (transport == "websocket") != upgrades:
            raise bad_request("Invalid transport")
        if "sid" not in query and query.get("EIO") != "4":
            raise bad_request(UNSUPPORTED)
        if "j" in query:
            raise bad_request("JSONP is not served")
        return query

    def _answer(
        self, connection: EngineIoConnection, request: Request, query: dict[str, str], body: bytes
    ) -> None:
        transport, sid, is_post = query["transport"], query.get("sid"), request.method == "POST"
        session = self.sessions.get(sid or "")
        if session is None:
            if sid is not None or is_post:
                raise bad_request(f"Invalid session {sid}")
            self._open(connection, request, transport)
        elif session.websocket is not None:
            raise bad_request("Unexpected HTTP request")
        elif is_post:
            connection.busy = True
            self._take_packets(connection, request, session, _packets(body))
        elif transport == "websocket":
            self._upgrade(connection, session, request)
        else:
            self._poll(connection, session, query.get("t"))

    def _open(self, connection: EngineIoConnection, request: Request, transport: str) -> None:
        """Open a session, by a poll or on a WebSocket."""
        switch = accept(request) if transport == "websocket" else b""
        session = Session(
            self.new_id(),
            self.sessions,
            self._application,
            self.reactor,
            self.timer_wheel,
            self.limits.queue_bytes,
            self._most_packets,
        )
        connection.session = session
        upgrades = ["websocket"] if "websocket" in self._transports and not switch else []
        first = open_packet(
            session.sid,
            upgrades=upgrades,
            interval_s=self._options.heartbeat.interval_s,
            timeout_s=self._options.heartbeat.timeout_s,
            most_bytes=self.limits.frame_bytes,
        )
        if switch:
            connection.upgrade(switch)
            connection.timer_wheel.remove(connection)
            session.upgraded(connection)
            session.send(first)
        else:
            connection.answer_poll([first])

    def _poll(self, connection: EngineIoConnection, session: Session, stamp: str | None) -> None:
        if session.upgrading is not None:
            connection.answer_poll([b"6"])  # no-op: the packets go over the WebSocket
        elif session.poll.order.repeats(stamp, connection):
            session.end("lost", bytes((CLOSE,)))
            # The packets in the first answer are lost: see `_shared/repeated_polls.py`.
            raise bad_request("The poll is a repetition, and the first answer is lost")
        elif session.poll.pending is not None:
            session.end("lost", bytes((CLOSE,)))
            # Engine.IO 4, "HTTP long-polling": a second GET of a session ends the session.
            raise bad_request("Another poll is pending")
        else:
            connection.session = session
            connection.busy = True
            session.poll.pending = connection
            if session.poll.unsent:
                self.reactor.gather(session.poll)

    def _take_packets(
        self,
        connection: EngineIoConnection,
        request: Request,
        session: Session,
        packets: Iterator[bytes],
    ) -> None:
        try:
            for taken, packet in enumerate(packets, 1):
                if session.sid not in self.sessions:
                    break  # the packet before it has ended the session
                session.take(packet)
                if taken == SHARE:  # go on in the next turn, so that other clients are served
                    rest = partial(self._take_packets, connection, request, session, packets)
                    self.reactor.postpone(connection, rest)
                    return
        except (NotAPacketError, UnicodeDecodeError):
            session.end("lost", bytes((CLOSE,)))
            refused = bad_request("Bad Request")
            refused.headers = {**refused.headers, **readable_headers(request)}
            connection.refuse(refused)
            return
        connection.answer_ok()

    def _upgrade(self, connection: EngineIoConnection, session: Session, request: Request) -> None:
        if session.upgrading is not None:
            raise bad_request("Invalid websocket upgrade")
        connection.upgrade(accept(request))
        connection.timer_wheel.until_opened(connection)
        connection.session = session


def _packets(body: bytes) -> Iterator[bytes]:
    """Yield the packets of a payload.

    Raises:
        UnicodeDecodeError: the payload is not UTF-8. No packet has been yielded.
    """
    if not body.isascii():
        body.decode()
    yield from body.split(SEPARATOR)


class EngineIoConnection(SessionConnection):
    """One connection: HTTP requests of one or several sessions, or the WebSocket of one session.

    `session` is the session that the connection carries or is about to carry, or the session whose
    poll it last took.
    """

    __slots__ = ("_engine", "_headers", "_last", "session")

    def __init__(self, sock: socket.socket, engine: Engine) -> None:
        super().__init__(sock, engine.reactor, engine.timer_wheel, engine.limits)
        self.session: Session | None = None
        self._engine = engine
        self._headers = b""
        self._last = False

    # HTTP.

    def requested(self, request: Request, body: bytes) -> None:
        self.session = None
        self._last = not request.keeps_alive
        self._headers = cors_headers(request)
        if self._last:
            self._headers += b"Connection: close\r\n"  # RFC 9112 section 9.6
        self._engine.route(self, request, body)

    def too_large(self, request: Request) -> None:
        session = self._engine.sessions.get(query_of(request).get("sid", ""))
        if session is not None and session.websocket is None:
            session.end("lost", bytes((CLOSE,)))

    def answer(self, data: bytes) -> None:
        """Send a response. Close the connection after it if the request asks for that."""
        if self._last:
            self.finish(data)
        else:
            self.send(data)

    def answer_poll(self, packets: list[bytes]) -> None:
        """Answer the poll that this connection took, and go on with its next request."""
        self.answer(self._engine.responses.payload(packets, self._headers))
        self.answered()

    def answer_ok(self) -> None:
        """Answer a POST, and go on with the next request of this connection."""
        self.answer(self._engine.responses.payload([b"ok"], self._headers, b"text/plain"))
        self.answered()

    # WebSocket.

    def text(self, payload: bytes) -> None:
        # Engine.IO 4, "Upgrade": the client sends `2probe`, gets `3probe`, and then sends `5`.
        session = self.session
        assert session is not None
        try:
            if session.websocket is self:
                session.take(payload)
            elif payload == PROBE and session.may_be_probed(self):
                session.probed(self)
                self.reactor.put(self, frame(TEXT, PROBED))
            elif payload[:1] == UPGRADED and session.upgrading is self:
                self.timer_wheel.remove(self)
                session.upgraded(self)
            else:
                self.departed("lost")
                self.finish(close_frame(NORMAL))
        except NotAPacketError as error:
            self.fail(INVALID_DATA, str(error))

    def binary(self, payload: bytes) -> None:
        session = self.session
        try:
            if session is None or session.websocket is not self:
                raise NotAPacketError("an upgrade begins with a probe")
            session.application.attachment(session, payload)
        except NotAPacketError as error:
            self.fail(INVALID_DATA, str(error))

    def ponged(self) -> None:
        """Do nothing: Engine.IO has its own heartbeat, in text messages."""

    # Ends.

    def departed(self, why: Why) -> None:
        session = self.session
        if session is None:
            return
        if session.upgrading is self:
            session.upgrading = None
        elif session.websocket is self or session.poll.pending is self or self.backlog:
            # If an answer to a poll is in the backlog, its packets are lost with the connection.
            session.end(why)

    def expired(self) -> None:
        if self.frames is None:
            super().expired()
        else:
            self.close()  # an upgrade that the client did not complete in time

    def shut_down(self) -> None:
        self.finish(b"" if self.frames is None else close_frame(GOING_AWAY))
