"""Shared by the tuned Socket.IO wires: Engine.IO 4 below `/socket.io/`, polled and upgraded."""

from __future__ import annotations

import base64
import secrets
import socket
from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import unquote

import msgspec

from lab.chat.events import Why
from lab.chat.limits import Limits
from lab.contract import ServeOptions
from transports import _origin
from transports._tuned_frames import GOING_AWAY, INVALID_DATA, NORMAL, TEXT, close_frame, frame
from transports._tuned_handshake import accept
from transports._tuned_http import DATE, RefusedError, Request, response
from transports._tuned_packets import CLOSE, PROBE, PROBED, SEPARATOR, NotAPacketError, open_packet
from transports._tuned_reactor import Reactor
from transports._tuned_session import Application, Session
from transports._tuned_websocket import WebSocketLine
from transports._tuned_wheel import Wheel

PATH = "/socket.io/"
UPGRADED = b"5"
UNSUPPORTED = "The client is using an unsupported version of the Socket.IO or Engine.IO protocols"
_PLAIN = {"Content-Type": "text/plain"}


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
        self._cors = _cors_headers(request)
        self._engine.route(self, request, body)

    def too_large(self, request: Request) -> None:
        session = self._engine.sessions.get(_query(request).get("sid", ""))
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
        self.answer(self._engine.payload(packets, self._cors))
        self.answered()

    def answer_ok(self) -> None:
        """Answer a request that asked for nothing back."""
        self.answer(self._engine.payload([b"OK"], self._cors, b"text/plain"))

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


class Engine:
    """The sessions, and what a request means."""

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
        self.wheel = Wheel(options.heartbeat)
        self.sessions: dict[str, Session] = {}
        self._application = application
        self._options = options
        self._transports = transports
        self._most_packets = most_packets
        self._number = 0
        self._latest: tuple[list[bytes], bytes, bytes, bytes] = ([], b"", b"", b"")
        self._latest_response = b""

    def open_line(self, sock: socket.socket) -> EngineLine:
        """Take a connection."""
        return EngineLine(sock, self)

    def new_id(self) -> str:
        """An id that nobody can guess, with a number in it that makes it one of its kind."""
        self._number = (self._number + 1) & 0xFFFFFF
        return base64.urlsafe_b64encode(
            secrets.token_bytes(12) + self._number.to_bytes(3, "big")
        ).decode()

    def say_goodbye(self) -> None:
        """End every session."""
        for session in list(self.sessions.values()):
            session.hang_up("closed", bytes((CLOSE,)))

    # Requests.

    def route(self, line: EngineLine, request: Request, body: bytes) -> None:
        """Answer one request.

        Raises:
            RefusedError: it is malformed, or means nothing here.
        """
        if request.path != PATH:
            raise RefusedError(HTTPStatus.NOT_FOUND, f"Engine.IO is at {PATH}")
        headers = request.headers
        if not _origin.allowed(headers.get("origin"), headers.get("host"), self._options.origins):
            raise _bad_request(f"{headers['origin']} is not an accepted origin.")
        if request.method == "OPTIONS":
            line.answer(response(HTTPStatus.OK, b"OK", _PLAIN | _preflight(request)))
        elif request.method in ("GET", "POST"):
            self._answer(line, request, self._checked_query(request), body)
        else:
            allow = {"Allow": "GET, POST, OPTIONS"}
            raise RefusedError(HTTPStatus.METHOD_NOT_ALLOWED, "Method Not Allowed", allow)

    def _checked_query(self, request: Request) -> dict[str, str]:
        query = _query(request)
        if query.setdefault("transport", "polling") not in self._transports:
            raise _bad_request("Invalid transport")
        if "sid" not in query and query.get("EIO") != "4":
            raise _bad_request(UNSUPPORTED)
        if "j" in query:
            raise _bad_request("JSONP is not served")
        return query

    def _answer(
        self, line: EngineLine, request: Request, query: dict[str, str], body: bytes
    ) -> None:
        transport, sid, is_post = query["transport"], query.get("sid"), request.method == "POST"
        session = self.sessions.get(sid or "")
        if session is None:
            if sid is not None or is_post:
                raise _bad_request(f"Invalid session {sid}")
            self._open(line, request, transport)
        elif session.line is not None:
            raise _bad_request("Unexpected HTTP request")
        elif is_post:
            self._post(line, session, body)
        elif request.has("upgrade", "websocket"):
            self._upgrade(line, session, request)
        elif transport == "websocket":
            raise _bad_request("Invalid transport")
        else:
            self._poll(line, session)

    def _open(self, line: EngineLine, request: Request, transport: str) -> None:
        """A new session, by a poll or on a WebSocket."""
        switch = b""
        if transport == "websocket":
            if not request.has("upgrade", "websocket"):
                raise _bad_request("Invalid websocket upgrade")
            switch = accept(request)
        session = Session(
            self.new_id(),
            self.sessions,
            self._application,
            self.reactor,
            self.wheel,
            self.limits.queue_bytes,
            self._most_packets,
        )
        line.session = session
        upgrades = ["websocket"] if "websocket" in self._transports and not switch else []
        first = open_packet(
            session.sid,
            upgrades=upgrades,
            interval_s=self._options.heartbeat.interval_s,
            timeout_s=self._options.heartbeat.timeout_s,
            most_bytes=self.limits.frame_bytes,
        )
        if switch:
            line.upgrade(switch)
            line.wheel.remove(line)
            session.upgraded(line)
            session.send(first)
        else:
            line.answer_poll([first])

    def _poll(self, line: EngineLine, session: Session) -> None:
        if session.upgrading is not None:
            line.answer_poll([b"6"])  # what waits goes over the WebSocket
        elif session.poll.pending is not None:
            session.end("lost", bytes((CLOSE,)))
            raise _bad_request("Another poll is pending")
        else:
            line.session = session
            line.busy = True
            session.poll.pending = line
            if session.poll.unsent:
                self.reactor.gather(session.poll)

    def _post(self, line: EngineLine, session: Session, body: bytes) -> None:
        try:
            if not body.isascii():
                body.decode()
            for packet in body.split(SEPARATOR):
                if session.sid not in self.sessions:
                    break  # it said goodbye in the packet before
                session.take(packet)
        except (NotAPacketError, UnicodeDecodeError):
            session.end("lost", bytes((CLOSE,)))
            raise _bad_request("Bad Request") from None
        line.answer_ok()

    def _upgrade(self, line: EngineLine, session: Session, request: Request) -> None:
        if "websocket" not in self._transports or session.upgrading is not None:
            raise _bad_request("Invalid websocket upgrade")
        line.upgrade(accept(request))
        line.wheel.until_opened(line)
        line.session = session

    # Responses.

    def payload(
        self, packets: list[bytes], cors: bytes, kind: bytes = b"text/plain; charset=UTF-8"
    ) -> bytes:
        """A response that carries these packets; built once for all who get the same."""
        what = (packets, cors, kind, DATE.line())
        if what != self._latest:
            body = SEPARATOR.join(packets)
            self._latest = what
            self._latest_response = (
                b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\n%bContent-Length: %d\r\n%b\r\n%b"
                % (kind, cors, len(body), what[3], body)
            )
        return self._latest_response


def _bad_request(message: str) -> RefusedError:
    return RefusedError(HTTPStatus.BAD_REQUEST, msgspec.json.encode(message).decode())


def _query(request: Request) -> dict[str, str]:
    pairs = (part.partition("=") for part in request.query.split("&"))
    return {name: unquote(value) if "%" in value else value for name, _, value in pairs}


def _cors_headers(request: Request) -> bytes:
    origin = request.headers.get("origin")
    credentials = b"Access-Control-Allow-Credentials: true\r\n"
    if origin is None:
        return credentials
    return b"Access-Control-Allow-Origin: %b\r\n" % origin.encode("latin-1") + credentials


def _preflight(request: Request) -> dict[str, str]:
    """What a browser asks before it lets a page of another origin send (Fetch, section 3.2)."""
    headers = {"Access-Control-Allow-Methods": "OPTIONS, GET, POST"}
    for name, answer in (
        ("origin", "Access-Control-Allow-Origin"),
        ("access-control-request-headers", "Access-Control-Allow-Headers"),
    ):
        if name in request.headers:
            headers[answer] = request.headers[name]
    return {**headers, "Access-Control-Allow-Credentials": "true"}
