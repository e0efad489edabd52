"""One connection that begins with HTTP requests and may be upgraded to WebSocket."""

from __future__ import annotations

import socket
from abc import abstractmethod
from collections.abc import Iterator
from functools import partial
from http import HTTPStatus

from lab.chat.events import Why
from lab.chat.limits import Limits
from transports._codec.frames import (
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
from transports._codec.grammar import RefusedError
from transports._codec.http import Request, refusal
from transports._codec.requests import MOST_HEAD_BYTES, Part, Requests, TooLargeError
from transports._shared.fairness import SHARE
from transports._tuned.connection import TunedConnection
from transports._tuned.reactor import Reactor
from transports._tuned.timer_wheel import TimerWheel

REQUESTS_SHARE = 4
"""Requests of one connection that one turn answers. Each of them may open a session."""


class TunedWebSocketConnection(TunedConnection):
    """HTTP requests until one is an upgrade, then WebSocket messages.

    `frames` is None until the upgrade. `busy`: a request is not answered yet, and the requests
    after it wait.
    """

    __slots__ = ("_has_requested", "_part", "_requests", "busy", "frames", "limits")

    def __init__(
        self, sock: socket.socket, reactor: Reactor, timer_wheel: TimerWheel, limits: Limits
    ) -> None:
        super().__init__(sock, reactor, timer_wheel)
        self.limits = limits
        self.frames: Frames | None = None
        self.busy = False
        self._requests: Requests | None = Requests(limits.frame_bytes)
        self._part: Part | None = "head"
        self._has_requested = False
        timer_wheel.until_opened(self)

    # A transport defines these.

    @abstractmethod
    def requested(self, request: Request, body: bytes) -> None:
        """Answer a request, or set `busy` and answer it later.

        Raises:
            RefusedError: the request is answered with an error, and the connection ends.
        """

    def too_large(self, request: Request) -> None:
        """React to a request whose body passes the bound, before it is refused."""

    @abstractmethod
    def text(self, payload: bytes) -> None:
        """Handle one text message, which is valid UTF-8."""

    @abstractmethod
    def binary(self, payload: bytes) -> None:
        """Handle one binary message."""

    @abstractmethod
    def ponged(self) -> None:
        """Handle the answer to a ping."""

    @abstractmethod
    def departed(self, why: Why) -> None:
        """Remove the client from the room. A second call changes nothing."""

    # Reading.

    def received(self, data: bytes) -> None:
        """See `TunedConnection`."""
        if self.frames is not None:
            self._take_frames(self.frames.receive(data))
            return
        requests = self._requests
        assert requests is not None
        requests.feed(data)
        try:
            self._take_requests(requests)
        except RefusedError as refused:
            self.refuse(refused)

    def refuse(self, refused: RefusedError) -> None:
        """Answer a request with an error, and end the connection."""
        requests = self._requests
        assert requests is not None
        if isinstance(refused, TooLargeError):
            self.too_large(refused.request)
        self.departed("lost")
        self.finish(refusal(refused, bodiless=requests.bodiless))

    def _take_requests(self, requests: Requests) -> None:
        answered = 0
        while not self.busy:
            if answered == REQUESTS_SHARE:
                self.reactor.postpone(self, self._go_on)
                return
            answered += 1
            taken = requests.next()
            if taken is None:
                self._wait_for(requests)
                return
            self._part, self._has_requested = None, True
            self.requested(*taken)
            if self.ending:
                return
            if self.frames is not None:
                self._requests = None
                self._take_frames(self.frames.receive(requests.rest()))
                return
        # A client may send requests ahead of the answers (RFC 9112 section 9.3.2), within a bound.
        most = self.limits.frame_bytes + MOST_HEAD_BYTES
        if requests.unread_bytes > most:
            raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"at most {most} bytes ahead")

    def _wait_for(self, requests: Requests) -> None:
        """Wait for the rest of a request. Its head and its body have a deadline each."""
        if interim := requests.interim():
            self.send(interim)
        if requests.part is not self._part:
            self._part = requests.part
            if self._part is not None:
                self.timer_wheel.until_opened(self)

    def answered(self) -> None:
        """Continue with the next request: the one that kept the connection busy is answered."""
        self.busy = False
        if self._requests is not None and self._requests.unread_bytes:
            self.reactor.loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        if not self.busy and not self.ending:
            self.received(b"")

    def expired(self) -> None:
        """See `TunedConnection`. A transport overrides this for the time after an upgrade."""
        if self.busy or (self._has_requested and self._part is None and self.backlog is None):
            self._has_requested = False
            self.timer_wheel.until_idle(self)
        elif self._requests is None or self._requests.part is None or self.ending:
            self.close()
        else:
            late = "the rest of the request did not come in time"
            self.refuse(RefusedError(HTTPStatus.REQUEST_TIMEOUT, late))

    def _take_frames(self, messages: Iterator[tuple[int, bytes]]) -> None:
        try:
            for taken, (opcode, payload) in enumerate(messages, 1):
                if opcode == TEXT:
                    self.text(payload)
                elif opcode == PING:
                    self.reactor.put(self, frame(PONG, payload))
                elif opcode == PONG:
                    self.ponged()
                elif opcode == CLOSE:
                    self._answer_close(payload)
                else:
                    self.binary(payload)
                if self.ending:
                    return
                if taken == SHARE:
                    self.reactor.postpone(self, partial(self._take_more, messages))
                    return
        except BrokenError as broken:
            self.fail(broken.code, broken.reason)

    def _take_more(self, messages: Iterator[tuple[int, bytes]]) -> None:
        if not self.ending:
            self._take_frames(messages)

    # The upgrade to WebSocket, and the closing handshake.

    def upgrade(self, response: bytes) -> None:
        """Send the response that switches to WebSocket, and read frames from now on."""
        self.frames = Frames(self.limits.frame_bytes)
        self.reactor.put(self, response)

    def _answer_close(self, payload: bytes) -> None:
        """Send the close frame back, and close the TCP connection first (sections 5.5.1, 7.1.1)."""
        close_code(payload)  # raises where the code is invalid
        self.departed("closed")
        if self.gathered:
            self.flush()
        self.send(frame(CLOSE, payload))
        if self.backlog is None:
            self.close()
        else:
            self.finish()

    def fail(self, code: int, reason: str, why: Why = "lost") -> None:
        """End the connection with this close code. `why` is the reason that the room is given."""
        self.departed(why)
        self.finish(close_frame(code, reason))

    @property
    def most_unsent_bytes(self) -> int:
        """See `TunedConnection`."""
        return self.limits.queue_bytes

    def overflowed(self) -> None:
        """See `TunedConnection`."""
        if self.frames is None:
            self.departed("slow_consumer")
            self.finish()
        else:
            self.fail(POLICY_VIOLATION, "slow_consumer", "slow_consumer")

    def closed(self) -> None:
        """See `TunedConnection`."""
        self.departed("lost")
