"""Shared by the tuned Socket.IO wires: Engine.IO 4 below `/socket.io/`, polled and upgraded."""

from __future__ import annotations

import base64
import secrets
import socket
from collections.abc import Sequence
from http import HTTPStatus

from lab.chat.limits import Limits
from lab.contract import ServeOptions
from transports import _origin
from transports._tuned_engine_line import EngineLine
from transports._tuned_handshake import accept
from transports._tuned_http import RefusedError, Request, response
from transports._tuned_packets import CLOSE, SEPARATOR, NotAPacketError, open_packet
from transports._tuned_reactor import Reactor
from transports._tuned_responses import (
    Responses,
    bad_request,
    preflight_headers,
    query_of,
    readable_headers,
)
from transports._tuned_session import Application, Session
from transports._tuned_wheel import Wheel

PATH = "/socket.io/"
UNSUPPORTED = "The client is using an unsupported version of the Socket.IO or Engine.IO protocols"
_PLAIN = {"Content-Type": "text/plain"}


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
        self.responses = Responses()

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
            raise bad_request(f"{headers['origin']} is not an accepted origin.")
        if request.method == "OPTIONS":
            line.answer(response(HTTPStatus.OK, b"OK", _PLAIN | preflight_headers(request)))
        elif request.method in ("GET", "POST"):
            try:
                self._answer(line, request, self._checked_query(request), body)
            except RefusedError as refused:
                refused.headers = {**refused.headers, **readable_headers(request)}
                raise
        else:
            allow = {"Allow": "GET, POST, OPTIONS"}
            raise RefusedError(HTTPStatus.METHOD_NOT_ALLOWED, "Method Not Allowed", allow)

    def _checked_query(self, request: Request) -> dict[str, str]:
        query = query_of(request)
        if query.setdefault("transport", "polling") not in self._transports:
            raise bad_request("Invalid transport")
        if "sid" not in query and query.get("EIO") != "4":
            raise bad_request(UNSUPPORTED)
        if "j" in query:
            raise bad_request("JSONP is not served")
        return query

    def _answer(
        self, line: EngineLine, request: Request, query: dict[str, str], body: bytes
    ) -> None:
        transport, sid, is_post = query["transport"], query.get("sid"), request.method == "POST"
        session = self.sessions.get(sid or "")
        if session is None:
            if sid is not None or is_post:
                raise bad_request(f"Invalid session {sid}")
            self._open(line, request, transport)
        elif session.line is not None:
            raise bad_request("Unexpected HTTP request")
        elif is_post:
            self._post(line, session, body)
        elif request.has("upgrade", "websocket"):
            self._upgrade(line, session, request)
        elif transport == "websocket":
            raise bad_request("Invalid transport")
        else:
            self._poll(line, session, query.get("t"))

    def _open(self, line: EngineLine, request: Request, transport: str) -> None:
        """A new session, by a poll or on a WebSocket."""
        switch = b""
        if transport == "websocket":
            if not request.has("upgrade", "websocket"):
                raise bad_request("Invalid websocket upgrade")
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

    def _poll(self, line: EngineLine, session: Session, stamp: str | None) -> None:
        if session.upgrading is not None:
            line.answer_poll([b"6"])  # what waits goes over the WebSocket
        elif session.poll.order.repeats(stamp, line):
            session.end("lost", bytes((CLOSE,)))
            raise bad_request("A poll again, whose first answer is lost")
        elif session.poll.pending is not None:
            session.end("lost", bytes((CLOSE,)))
            raise bad_request("Another poll is pending")
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
            raise bad_request("Bad Request") from None
        line.answer_ok()

    def _upgrade(self, line: EngineLine, session: Session, request: Request) -> None:
        if "websocket" not in self._transports or session.upgrading is not None:
            raise bad_request("Invalid websocket upgrade")
        line.upgrade(accept(request))
        line.wheel.until_opened(line)
        line.session = session
