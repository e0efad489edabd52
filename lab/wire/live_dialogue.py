"""Beside the wire: one connection as the live decoder reads it, a step at a time. Pure.

The nth response answers the nth request, as in `decode`; so a response waits until it is known what
was asked, and what follows a request to switch protocols waits for the answer.
"""

from __future__ import annotations

from collections import deque
from functools import partial

import h11

from lab.wire.decode import TUNNEL
from lab.wire.fallbacks.policy import NOTHING_MORE, REQUEST, read_policy
from lab.wire.frames import FrameReader, deflate_of
from lab.wire.http1 import request_reader, response_reader
from lab.wire.live_frames import Frames
from lab.wire.live_open import OpenResponse
from lab.wire.live_sides import Sides
from lab.wire.live_window import Incoming
from lab.wire.messages import (
    Purpose,
    form_of,
    http_nodes,
    is_websocket,
    purpose_of,
    read_message,
    switched_to,
)
from lab.wire.tree import Direction
from lab.wire.view import Stream

HEAD_BYTES_MAX = 256 << 10


class Dialogue(Sides):
    """One connection: what each direction is read as, one step after the other."""

    def __init__(self, connection: int) -> None:
        super().__init__(connection, self._policy, self._response)
        self._request_in: Incoming | None = None
        self._response_in: Incoming | None = None
        self._open: OpenResponse | None = None
        self._requests = self._responses = 0
        """How many of each were read to their end."""
        self._announced = False
        self._asked: deque[tuple[h11.Request | None, Purpose]] = deque()
        self._exchange: tuple[h11.Request | None, Purpose] | None = None
        """What the response that is being read answers."""

    # What a direction is read as: each returns whether it may go on.

    def _policy(self) -> bool:
        """Up, at first: a request for Flash's policy, if that is what it begins with."""
        window = self.windows["up"]
        if window.data.startswith(REQUEST):
            self.steps["down"] = partial(self._policy_file, window.stream(len(REQUEST)))
            self.take("up", len(REQUEST), lambda up: read_policy(up, Stream("down", [], True)))
            self.lose("up", NOTHING_MORE)
            return True
        if REQUEST.startswith(window.data) and not window.ended:
            return False
        self.steps["up"] = self._request
        return True

    def _policy_file(self, asked: Stream) -> bool:
        window = self.windows["down"]
        end = window.data.find(b"\0") + 1
        if not end and not window.ended:
            return False
        if any(read_policy(asked, window.stream(end))[1:]):
            self.take("down", end, lambda down: read_policy(asked, down)[1:])
        self.lose("down", NOTHING_MORE)
        return False

    def _request(self) -> bool:
        window = self.windows["up"]
        if not window.data and self._request_in is None:
            return False
        incoming = self._request_in = self._request_in or Incoming(
            window, request_reader(HEAD_BYTES_MAX)
        )
        over = incoming.read()
        head = incoming.message.head
        request = head if isinstance(head, h11.Request) else None
        purpose = purpose_of(request) if request else Purpose()
        if (request or over) and not self._announced:
            self._announced = True
            self._asked.append((request, purpose))
        if over:
            self._finish_request(incoming, request, purpose)
        return over

    def _finish_request(
        self, incoming: Incoming, request: h11.Request | None, purpose: Purpose
    ) -> None:
        self._take_message(incoming, self._requests, purpose)
        self._request_in = None
        self._announced = False
        self._requests += 1
        if request and (purpose.method == "CONNECT" or _wants_upgrade(request)):
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
            if not window.data or not self._answers():
                return False
            assert self._exchange is not None
            reader = response_reader(self._exchange[0], HEAD_BYTES_MAX)
            self._response_in = Incoming(window, reader)
        assert self._exchange is not None
        incoming, purpose = self._response_in, self._exchange[1]
        over = incoming.read()
        head = incoming.message.head
        if self._open is None and head is not None and (form := form_of(head, purpose)):
            self._open = OpenResponse(incoming, self._responses, purpose, form)
        if over:
            self._finish_response(incoming, purpose)
        elif self._open is not None and (read := self._open.read()):
            self.tell(window.base, *read)
            incoming.drop(read[1][-1].end)
        return over

    def _answers(self) -> bool:
        """Whether it is known which request the next response answers, or that there is none."""
        if self._exchange is None and self._asked:
            self._exchange = self._asked.popleft()
        if self._exchange is None and ("up" in self.unread or self._up_is_over()):
            self._exchange = (None, Purpose())
        return self._exchange is not None

    def _up_is_over(self) -> bool:
        return self.windows["up"].over and self._request_in is None

    def _finish_response(self, incoming: Incoming, purpose: Purpose) -> None:
        message = incoming.message
        if self._open is None:
            self._take_message(incoming, self._responses, purpose)
        else:
            base, (stream, nodes) = incoming.window.base, self._open.finish()
            self.tell(base, stream, nodes)
            incoming.window.drop(len(stream.data))
        self._open = self._response_in = None
        number, head = self._responses, message.head
        if message.problem:
            self.lose("down", message.problem)
        elif isinstance(head, h11.Response):
            self._exchange = None
            self._responses += 1
            if purpose.method == "CONNECT" and head.status_code < 300:
                self.abandon(TUNNEL)
        elif isinstance(head, h11.InformationalResponse) and head.status_code == 101:
            self._switch(head, number, purpose)

    def _switch(self, response: h11.InformationalResponse, number: int, purpose: Purpose) -> None:
        protocol, extensions = switched_to(response)
        if not is_websocket(protocol):
            self.abandon(f"the connection was upgraded to {protocol!r}")
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
            self._open = self._response_in = None

    def _take_message(self, incoming: Incoming, exchange: int, purpose: Purpose) -> None:
        message, window = incoming.message, incoming.window
        self.take(
            window.direction,
            len(window.data) if message.problem else message.end,
            lambda stream: http_nodes(stream, message, exchange, purpose),
        )


def _wants_upgrade(request: h11.Request) -> bool:
    return any(name == b"upgrade" for name, _ in request.headers)
