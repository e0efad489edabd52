"""Read one connection while its bytes come, a step at a time.

As in `decode`, the nth response answers the nth request. So a response waits until its request is
known, and what follows a request to switch protocols waits for the answer. Every step reads only
what is new, except for a bounded number of bytes: a long head costs no more for coming in small
pieces.
"""

from __future__ import annotations

__pure__ = True

from collections import deque
from functools import partial
from typing import NamedTuple

import h11

from lab.decode.fallbacks.policy import NOTHING_MORE, REQUEST, read_policy
from lab.decode.frames import FrameReader, deflate_of
from lab.decode.http1 import after_empty_lines, request_reader, response_reader
from lab.decode.http2.frames import PREFACE
from lab.decode.live.answer import Answer
from lab.decode.live.directions import Sides
from lab.decode.live.frames import Frames
from lab.decode.live.http2 import Http2
from lab.decode.live.window import Incoming
from lab.decode.messages import (
    TUNNEL,
    Purpose,
    empty_lines,
    http_nodes,
    is_websocket,
    purpose_of,
    read_message,
    switched_to,
)
from lab.decode.tree import Direction
from lab.decode.view import Stream

HEAD_BYTES_MAX = 256 << 10


class Request(NamedTuple):
    """What a response answers; `head` is None where nothing was requested that can be read."""

    head: h11.Request | None = None
    purpose: Purpose = Purpose()


class Dialogue(Sides):
    """One connection: what each direction is read as, one step after the other."""

    def __init__(self, connection: int) -> None:
        super().__init__(connection, self._policy, self._response)
        self._request_in: Incoming | None = None
        self._response_in: Answer | None = None
        self._requests = self._responses = 0
        """How many of each were read to their end."""
        self._sent: Request | None = None
        """The request that is being read, once its head is known."""
        self._unanswered: deque[Request] = deque()
        self._answered: Request | None = None
        """The request that the response that is being read answers."""
        self._empty_bytes: dict[Direction, int] = {"up": 0, "down": 0}
        """How long the empty lines are that the unread bytes begin with, as far as is known."""
        self._policy_searched = 0

    # What a direction is read as: each returns whether it may go on.

    def _policy(self) -> bool:
        """Up, at first: a request for Flash's policy, or HTTP/2, if it begins with that."""
        window = self.windows["up"]
        if window.data.startswith(PREFACE):
            self.successor = Http2(self.number, self.windows)
            self.steps = dict.fromkeys(self.steps, _nothing)
            return False
        if window.data.startswith(REQUEST):
            self.steps["down"] = partial(self._policy_file, window.stream(len(REQUEST)))
            self.take("up", len(REQUEST), lambda up: read_policy(up, Stream("down", [], True)))
            self.lose("up", NOTHING_MORE)
            return True
        begun = bytes(window.data)
        if not window.ended and (REQUEST.startswith(begun) or PREFACE.startswith(begun)):
            return False
        self.steps["up"] = self._request
        return True

    def _policy_file(self, request: Stream) -> bool:
        window = self.windows["down"]
        end = window.data.find(b"\0", self._policy_searched) + 1
        self._policy_searched = len(window.data)
        if not end and not window.ended:
            return False
        if any(read_policy(request, window.stream(end))[1:]):
            self.take("down", end, lambda down: read_policy(request, down)[1:])
        self.lose("down", NOTHING_MORE)
        return False

    def _request(self) -> bool:
        window = self.windows["up"]
        if self._request_in is None:
            before = window.base
            if not self._begins("up"):
                return window.base > before
            self._request_in = Incoming(window, request_reader(HEAD_BYTES_MAX))
        incoming = self._request_in
        over = incoming.read()
        if self._sent is None and (over or incoming.message.head is not None):
            head = incoming.message.head
            request = head if isinstance(head, h11.Request) else None
            self._sent = Request(request, purpose_of(request) if request else Purpose())
            self._unanswered.append(self._sent)
        if over:
            assert self._sent is not None
            self._finish_request(incoming, self._sent)
        return over

    def _finish_request(self, incoming: Incoming, request: Request) -> None:
        self._take_request(incoming, request.purpose)
        self._request_in = self._sent = None
        self._requests += 1
        if request.head and (request.purpose.method == "CONNECT" or _wants_upgrade(request.head)):
            self.steps["up"] = self._await_answer
        if incoming.message.problem:
            self.lose("up", incoming.message.problem)

    def _await_answer(self) -> bool:
        """Up, after a request to switch protocols: what follows depends on the answer."""
        down = self.windows["down"]
        silent = down.over and self._response_in is None
        if self._responses < self._requests and not silent and "down" not in self.unread:
            return False
        self.steps["up"] = self._request
        return True

    def _response(self) -> bool:
        window = self.windows["down"]
        if self._response_in is None:
            before = window.base
            if not window.data or not self._answers() or not self._begins("down"):
                return window.base > before
            assert self._answered is not None
            incoming = Incoming(window, response_reader(self._answered.head, HEAD_BYTES_MAX))
            self._response_in = Answer(self, incoming, self._responses, self._answered.purpose)
        answer = self._response_in
        over = answer.read()
        if over:
            self._finish_response(answer)
        return over

    def _begins(self, direction: Direction) -> bool:
        """Whether a message begins. Takes the empty lines before it, once they are over."""
        window = self.windows[direction]
        size = after_empty_lines(window.data, self._empty_bytes[direction])
        may_go_on = bytes(window.data[size : size + 2]) in (b"", b"\r") and not window.ended
        self._empty_bytes[direction] = size if may_go_on else 0
        if size and not may_go_on:
            self.take(direction, size, lambda stream: [empty_lines(stream, 0, size)])
        return bool(window.data) and not may_go_on

    def _answers(self) -> bool:
        """Whether it is known which request the next response answers, or that there is none."""
        if self._answered is None and self._unanswered:
            self._answered = self._unanswered.popleft()
        if self._answered is None and ("up" in self.unread or self._up_is_over()):
            self._answered = Request()
        return self._answered is not None

    def _up_is_over(self) -> bool:
        return self.windows["up"].over and self._request_in is None

    def _finish_response(self, answer: Answer) -> None:
        message, purpose = answer.incoming.message, answer.purpose
        self._response_in = None
        number, head = self._responses, message.head
        if message.problem:
            self.lose("down", message.problem)
        elif isinstance(head, h11.Response):
            self._answered = None
            self._responses += 1
            if purpose.method == "CONNECT" and head.status_code < 300:
                self.abandon(TUNNEL)
        elif isinstance(head, h11.InformationalResponse) and head.status_code == 101:
            self._switch(head, number, purpose)

    def _switch(self, response: h11.InformationalResponse, number: int, purpose: Purpose) -> None:
        protocols, extensions = switched_to(response)
        if not is_websocket(protocols):
            self.abandon(f"the connection was upgraded to {', '.join(protocols)!r}")
            return
        for direction in self.windows:
            reader = partial(
                FrameReader,
                exchange=number,
                deflate=deflate_of(extensions, direction),
                read=partial(read_message, engine_io=purpose.engine_io),
            )
            self.steps[direction] = Frames(self, direction, reader).read

    def lose(self, direction: Direction, reason: str) -> None:
        """See `Sides`."""
        super().lose(direction, reason)
        if direction == "up":
            self._request_in = None
        else:
            self._response_in = None

    def _take_request(self, incoming: Incoming, purpose: Purpose) -> None:
        message, window, exchange = incoming.message, incoming.window, self._requests
        self.take(
            window.direction,
            len(window.data) if message.problem else message.end,
            lambda stream: http_nodes(stream, message, exchange, purpose),
        )


def _nothing() -> bool:
    return False


def _wants_upgrade(request: h11.Request) -> bool:
    return any(name == b"upgrade" for name, _ in request.headers)
