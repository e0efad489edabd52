"""Beside the wire: one HTTP/1.1 message out of a stream, parsed by h11, with exact extents.

h11 gives events, not offsets; the offsets are what it has consumed after each event.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import h11

from lab.wire.view import Span, Stream

BLOCK_BYTES = 4096

Head = h11.Request | h11.Response | h11.InformationalResponse

# What a first line can look like while it is still unfinished; h11 waits for a blank line for ever.
_request_line = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}( ([!-~]+( [HTP/0-9.]*\r?\n?)?)?)?")
_status_line = re.compile(rb"H(T(T(P(/(\d(\.(\d( [^\r\n]*)?)?)?)?)?)?)?)?\r?\n?")


@dataclass
class Message:
    """Head from `start` to `body`, message to `end`; `spans` are the body without framing.

    `head` is None where there is none to be read. `problem` says what is wrong at `end`, "" if
    nothing; `broken`: not just unfinished, so nothing after `end` can be read.
    """

    start: int
    body: int
    end: int
    head: Head | None = None
    spans: list[Span] = field(default_factory=list)
    problem: str = ""
    broken: bool = False

    @property
    def complete(self) -> bool:
        """Whether it came to its own end."""
        return self.head is not None and not self.problem

    @property
    def gaps(self) -> list[tuple[int, Span]]:
        """What lies between the pieces of the body: chunk sizes, line ends, trailers.

        Each with the offset in the body that it stands before.
        """
        found = []
        at, offset = self.body, 0
        for start, end in [*self.spans, (self.end, self.end)]:
            if at < start:
                found.append((offset, (at, start)))
            at, offset = end, offset + end - start
        return found


def read_request(stream: Stream, start: int) -> Message:
    """The request that begins at `start`."""
    return _read(h11.Connection(h11.SERVER, len(stream.data) + 1), stream, start, _request_line)


def read_response(stream: Stream, start: int, request: h11.Request | None) -> Message:
    """The response, perhaps an informational one, that begins at `start` and answers `request`.

    The request decides whether there is a body (RFC 9112 section 6.3) and whether 101 is allowed.
    """
    headers = [(b"host", b"x")]
    if request:
        headers += [(bytes(k), bytes(v)) for k, v in request.headers if k == b"upgrade"]
    method = request.method if request else b"GET"
    parser = h11.Connection(h11.CLIENT, len(stream.data) + 1)
    parser.send(h11.Request(method=method, target="/", headers=headers))
    parser.send(h11.EndOfMessage())
    return _read(parser, stream, start, _status_line)


def _read(
    parser: h11.Connection, stream: Stream, start: int, first_line: re.Pattern[bytes]
) -> Message:
    message = Message(start, start, start)
    line = stream.data[start : stream.data.find(b"\n", start) + 1 or None]
    if not first_line.fullmatch(line):
        message.problem, message.broken = "this is not HTTP/1", True
        return message
    try:
        for event, end in _events(parser, stream, start):
            if _take(message, event, end):
                return message
        message.problem = "the tap ended inside it"
    except h11.RemoteProtocolError as error:
        message.problem = str(error)
        message.broken = not parser.trailing_data[1]
    return message


def _events(parser: h11.Connection, stream: Stream, start: int) -> Iterator[tuple[object, int]]:
    """h11's events, each with the offset that it ends at; ends where the stream does."""
    fed = start
    while True:
        event = parser.next_event()
        if event is not h11.NEED_DATA:
            yield event, fed - len(parser.trailing_data[0])
        elif fed < len(stream.data):
            block = stream.data[fed : fed + BLOCK_BYTES]
            parser.receive_data(block)
            fed += len(block)
        elif stream.closed:
            # Some bodies end with the connection (RFC 9112 section 6.3, rule 8).
            parser.receive_data(b"")
        else:
            return


def _take(message: Message, event: object, end: int) -> bool:
    """Add an event to the message; true at its end."""
    if isinstance(event, h11.Request | h11.Response | h11.InformationalResponse):
        message.head, message.body = event, end
    elif isinstance(event, h11.Data):
        _add_span(message.spans, end - len(event.data), end)
    message.end = max(message.end, end)
    return not isinstance(event, h11.Request | h11.Response | h11.Data)


def _add_span(spans: list[Span], start: int, end: int) -> None:
    """Join what h11 was fed in two blocks; chunks stay apart, their framing lies between."""
    if spans and spans[-1][1] == start:
        start = spans.pop()[0]
    spans.append((start, end))
