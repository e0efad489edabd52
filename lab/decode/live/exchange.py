"""Read the two directions of one stream of HTTP/2 as their content comes.

Its windows hold the content of the DATA frames alone. So the nodes that are found stand where they
would if there were no frames; `lab.decode.live.carried` puts them where the frames carried them.
"""

from __future__ import annotations

__pure__ = True

import sys
from collections import deque
from functools import partial

import h11

from lab.decode.frames import FrameReader, deflate_of
from lab.decode.http1 import Head, Message
from lab.decode.live.answer import Answer
from lab.decode.live.directions import Sides
from lab.decode.live.frames import Frames
from lab.decode.live.window import Incoming
from lab.decode.messages import TUNNEL, Purpose, head_node, purpose_of, read_message, switched_to
from lab.decode.tree import Direction

NO_ANSWER = "a CONNECT was not answered, so it is not known what follows it"
REFUSED = "a CONNECT was refused, so nothing may follow it (RFC 9110 section 9.3.6)"


class Body:
    """A message whose head is known, and all of whose bytes are content.

    It stands where `MessageReader` does for HTTP/1.1.
    """

    def __init__(self, head: Head, exchange: Exchange, direction: Direction) -> None:
        self.message = Message(0, 0, 0, head)
        self._exchange = exchange
        self._direction: Direction = direction

    def feed(self, data: bytes) -> bool:
        """Take content; there may always be more."""
        message = self.message
        start = message.spans.pop()[0] if message.spans else message.end
        message.end += len(data)
        message.spans.append((start, message.end))
        return False

    def finish(self, closed: bool) -> None:
        """Nothing more comes; why not is known to the exchange."""
        self.message.problem = self._exchange.problems[self._direction]


class Exchange(Sides):
    """A request, its answer, and what follows an extended CONNECT (RFC 8441).

    `problems`: why a direction ended before its time, "" if it did not.
    """

    most_bytes = sys.maxsize  # what carries this has a bound

    def __init__(self, connection: int, exchange: int) -> None:
        super().__init__(connection, self._request, self._response)
        self.exchange = exchange
        self.heads: dict[Direction, deque[Head]] = {"up": deque(), "down": deque()}
        """Heads that have come and are not read yet."""
        self.problems: dict[Direction, str] = {"up": "", "down": ""}
        self.whole: set[Direction] = set()
        """Whose message has ended, and is one node."""
        self._purpose: Purpose | None = None
        self._sent: Answer | None = None
        """The request, which is read as an answer is."""
        self._answered: Head | None = None
        """The head of the final response."""
        self._answer: Answer | None = None

    def end(self, direction: Direction, problem: str = "") -> None:
        """Nothing more comes in this direction."""
        if not self.windows[direction].ended:
            self.windows[direction].ended = True
            self.problems[direction] = problem

    def _request(self) -> bool:
        if self._sent is None:
            if not self.heads["up"]:
                return False
            head = self.heads["up"].popleft()
            assert isinstance(head, h11.Request)
            self._purpose = purpose_of(head)
            if self._purpose.method == "CONNECT":
                self._report_head("up", head)
                self.steps["up"] = self._await_answer
                return True
            self._sent = self._message("up", head)
        return self._finished("up", self._sent)

    def _response(self) -> bool:
        if self._answer is None:
            if not self.heads["down"] or not self._is_request_known():
                return False
            return self._begin_answer(self.heads["down"].popleft())
        return self._finished("down", self._answer)

    def _finished(self, direction: Direction, message: Answer) -> bool:
        over = message.read()
        if over:
            self.steps[direction] = _nothing
            if not message.stays_open:
                self.whole.add(direction)
        return over

    def _begin_answer(self, head: Head) -> bool:
        if isinstance(head, h11.InformationalResponse):
            self._report_head("down", head)
            return True
        self._answered = head
        assert isinstance(head, h11.Response)
        if self._purpose_known().method == "CONNECT" and head.status_code < 300:
            self._report_head("down", head)
            self._switch(head)
        else:
            self._answer = self._message("down", head)
        return True

    def _message(self, direction: Direction, head: Head) -> Answer:
        incoming = Incoming(self.windows[direction], Body(head, self, direction))
        return Answer(self, incoming, self.exchange, self._purpose_known())

    def _is_request_known(self) -> bool:
        return self._purpose is not None or self.windows["up"].ended or "up" in self.unread

    def _purpose_known(self) -> Purpose:
        return self._purpose or Purpose()

    def _report_head(self, direction: Direction, head: Head) -> None:
        window = self.windows[direction]
        stream = window.stream(0)
        message = Message(0, 0, 0, head)
        nodes = [head_node(stream, message, self.exchange, self._purpose_known())]
        self.report(window.base, stream, nodes)

    def _await_answer(self) -> bool:
        """Up, after a CONNECT: what follows depends on the answer."""
        if isinstance(self._answered, h11.Response):
            self.lose("up", REFUSED)
        elif self.windows["down"].ended or "down" in self.unread:
            self.lose("up", NO_ANSWER)
        return False

    def _switch(self, head: h11.Response) -> None:
        """The answer to an extended CONNECT was 200: DATA carries another protocol from here on."""
        purpose = self._purpose_known()
        if purpose.protocol != "websocket":
            asked = f"an extended CONNECT asked for {purpose.protocol!r}"
            self.abandon(asked if purpose.protocol else TUNNEL)
            return
        _, extensions = switched_to(head)
        for direction in self.windows:
            reader = partial(
                FrameReader,
                exchange=self.exchange,
                deflate=deflate_of(extensions, direction),
                read=partial(read_message, engine_io=purpose.engine_io),
            )
            self.steps[direction] = Frames(self, direction, reader).read


def _nothing() -> bool:
    return False
