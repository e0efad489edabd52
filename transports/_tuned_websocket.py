"""Shared by the tuned wires: a connection that begins with HTTP and may turn to WebSocket."""

from __future__ import annotations

import socket
from abc import abstractmethod
from http import HTTPStatus

from lab.chat.events import Why
from lab.chat.limits import Limits
from transports._tuned_frames import (
    CLOSE,
    PING,
    POLICY_VIOLATION,
    PONG,
    TEXT,
    BrokenError,
    Frames,
    close_code,
    close_frame,
    frame,
)
from transports._tuned_http import MOST_HEAD_BYTES, RefusedError, Request, parse, refusal
from transports._tuned_line import Line
from transports._tuned_reactor import Reactor
from transports._tuned_wheel import Wheel

_END_OF_HEAD = b"\r\n\r\n"


class WebSocketLine(Line):
    """Requests until one is upgraded; then messages.

    `frames` is None as long as HTTP is spoken. `busy`: a request is still to be answered, and those
    behind it wait.
    """

    __slots__ = ("_needed", "_rest", "busy", "frames", "limits")

    def __init__(self, sock: socket.socket, reactor: Reactor, wheel: Wheel, limits: Limits) -> None:
        super().__init__(sock, reactor, wheel)
        self.limits = limits
        self.frames: Frames | None = None
        self.busy = False
        self._rest: bytearray | None = None
        self._needed = 0
        wheel.until_opened(self)

    # What a wire makes of it.

    @abstractmethod
    def requested(self, request: Request, body: bytes) -> None:
        """Answer a request, or set `busy` and answer it later. May raise RefusedError."""

    def too_large(self, request: Request) -> None:
        """A request's body passes the bound; it is about to be refused."""

    @abstractmethod
    def text(self, payload: bytes) -> None:
        """Take one text message, which is UTF-8."""

    @abstractmethod
    def binary(self, payload: bytes) -> None:
        """Take one binary message."""

    @abstractmethod
    def ponged(self) -> None:
        """The peer answered a ping."""

    @abstractmethod
    def departed(self, why: Why) -> None:
        """The peer is to be sent nothing more; a second time changes nothing."""

    # In.

    def received(self, data: bytes) -> None:
        """See `Line`."""
        if self.frames is not None:
            self._take_frames(self.frames, data)
            return
        if self._rest is not None:
            self._rest += data
            if len(self._rest) < self._needed:
                return
            data, self._rest = bytes(self._rest), None
        try:
            self._take_requests(data)
        except RefusedError as refused:
            self.departed("lost")
            self.finish(refusal(refused))

    def _take_requests(self, data: bytes) -> None:
        while data:
            if self.busy:
                self._keep(data, len(data) + 1)
                return
            end = data.find(_END_OF_HEAD, 0, MOST_HEAD_BYTES)
            if end < 0:
                self._keep(data, len(data) + 1)
                return
            request = parse(data[:end])
            body_at, size = end + len(_END_OF_HEAD), request.body_bytes
            if size > self.limits.frame_bytes:
                self.too_large(request)
                raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, self._most)
            if len(data) < body_at + size:
                self._keep(data, body_at + size)
                return
            self.requested(request, data[body_at : body_at + size])
            data = data[body_at + size :]
            if self.ending:
                return
            if self.frames is not None:
                self._take_frames(self.frames, data)
                return

    def _keep(self, data: bytes, needed: int) -> None:
        """What is to be looked at again when there are `needed` bytes."""
        if needed > self.limits.frame_bytes + MOST_HEAD_BYTES:
            raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, self._most)
        if len(data) >= MOST_HEAD_BYTES and _END_OF_HEAD not in data[:MOST_HEAD_BYTES]:
            status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            raise RefusedError(status, f"at most {MOST_HEAD_BYTES} bytes of headers")
        self._rest, self._needed = bytearray(data), needed

    @property
    def _most(self) -> str:
        return f"at most {self.limits.frame_bytes} bytes"

    def answered(self) -> None:
        """The request that kept this connection busy has been answered."""
        self.busy = False
        if self._rest is not None:
            self.reactor.loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        if self._rest is not None and not self.busy and not self.ending:
            self._needed = 0
            self.received(b"")

    def _take_frames(self, frames: Frames, data: bytes) -> None:
        try:
            for opcode, payload in frames.receive(data):
                if opcode == TEXT:
                    self.text(payload)
                elif opcode == PING:
                    self.reactor.put(self, frame(PONG, payload))
                elif opcode == PONG:
                    self.ponged()
                elif opcode == CLOSE:
                    self._answer_goodbye(payload)
                else:
                    self.binary(payload)
                if self.ending:
                    return
        except BrokenError as broken:
            self.fail(broken.code, broken.reason)

    # The turn to WebSocket, and the end of it.

    def upgrade(self, response: bytes) -> None:
        """Speak WebSocket from now on."""
        self.frames = Frames(self.limits.frame_bytes)
        self.reactor.put(self, response)

    def _answer_goodbye(self, payload: bytes) -> None:
        close_code(payload)
        self.departed("closed")
        if self.gathered:
            self.flush()
        self.send(frame(CLOSE, payload))
        if self.backlog is None:
            self.close()
        else:
            self.finish()

    def fail(self, code: int, reason: str, why: Why = "lost") -> None:
        """Close with this code, by what the peer did or did not do."""
        self.departed(why)
        self.finish(close_frame(code, reason))

    # See `Line`.

    @property
    def most_unsent_bytes(self) -> int:
        """See `Line`."""
        return self.limits.queue_bytes

    def overflowed(self) -> None:
        """See `Line`."""
        if self.frames is None:
            self.departed("slow_consumer")
            self.finish()
        else:
            self.fail(POLICY_VIOLATION, "slow_consumer", "slow_consumer")

    def closed(self) -> None:
        """See `Line`."""
        self.departed("lost")
