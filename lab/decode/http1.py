"""Read one HTTP/1.1 message out of a stream, parsed by h11, with exact extents.

h11 gives events, not offsets. The offsets come from what it has consumed after each event.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import h11

from lab.decode.view import Span, Stream

BLOCK_BYTES = 4096
EARLY_BYTES = 256
"""How much of a first line is checked before its end comes, each time that more of it comes."""

Head = h11.Request | h11.Response | h11.InformationalResponse

# What a first line can look like while it is unfinished: h11 would wait for an empty line for ever.
_request_line = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}( ([!-~]+( [HTP/0-9.]*\r?\n?)?)?)?")
_empty_lines = re.compile(rb"(?:\r?\n)*")
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


def after_empty_lines(data: bytes | bytearray, start: int) -> int:
    """Where the empty lines that begin at `start` end: `start` where there are none."""
    match = _empty_lines.match(data, start)
    return match.end() if match else start


def read_request(stream: Stream, start: int) -> Message:
    """The request that begins at `start`."""
    return _read(request_reader(len(stream.data) + 1, start), stream)


def read_response(stream: Stream, start: int, request: h11.Request | None) -> Message:
    """The response, perhaps an informational one, that begins at `start` and answers `request`."""
    return _read(response_reader(request, len(stream.data) + 1, start), stream)


def request_reader(most_bytes: int, start: int = 0) -> MessageReader:
    """What reads a request whose head, and each line of whose framing, has `most_bytes` at most."""
    return MessageReader(h11.Connection(h11.SERVER, most_bytes), _request_line, start)


def response_reader(request: h11.Request | None, most_bytes: int, start: int = 0) -> MessageReader:
    """The same for a response to `request`, which may be informational.

    The request decides whether there is a body (RFC 9112 section 6.3) and whether 101 is allowed.
    """
    headers = [(b"host", b"x")]
    if request:
        headers += [(bytes(k), bytes(v)) for k, v in request.headers if k == b"upgrade"]
    method = request.method if request else b"GET"
    parser = h11.Connection(h11.CLIENT, most_bytes)
    parser.send(h11.Request(method=method, target="/", headers=headers))
    parser.send(h11.EndOfMessage())
    return MessageReader(parser, _status_line, start)


class MessageReader:
    """Reads one message as its bytes come; `message` is what there was of it so far.

    What is fed beyond `message.end` is no part of it. Feed `BLOCK_BYTES` at most at a time.
    """

    def __init__(self, parser: h11.Connection, first_line: re.Pattern[bytes], start: int) -> None:
        self.message = Message(start, start, start)
        self._parser = parser
        self._first_line = first_line
        self._line: bytearray | None = bytearray()
        self._fed = start

    def feed(self, data: bytes) -> bool:
        """Take what comes next; whether the message is over, in good order or not."""
        self._fed += len(data)
        if self._line is None:
            return self._parse(data)
        searched = len(self._line)
        self._line += data
        end = self._line.find(b"\n", searched) + 1
        if not end and len(self._line) > EARLY_BYTES:
            return False
        return self._refused(end or None) or (bool(end) and self._begin())

    def finish(self, closed: bool) -> None:
        """Nothing more comes; `closed`: because the sender ended its stream.

        Some bodies end with the connection (RFC 9112 section 6.3, rule 8).
        """
        if self._line is not None and (self._refused(None) or self._begin()):
            return
        if not (closed and self._parse(b"")):
            self.message.problem = "the tap ended inside it"

    def _refused(self, end: int | None) -> bool:
        assert self._line is not None
        if self._first_line.fullmatch(self._line[:end]):
            return False
        self.message.problem, self.message.broken = "this is not HTTP/1", True
        return True

    def _begin(self) -> bool:
        """Hand over what was held back until the first line was whole."""
        assert self._line is not None
        data, self._line = bytes(self._line), None
        return self._parse(data)

    def _parse(self, data: bytes) -> bool:
        parser = self._parser
        try:
            parser.receive_data(data)
            while (event := parser.next_event()) is not h11.NEED_DATA:
                if _take(self.message, event, self._fed - len(parser.trailing_data[0])):
                    return True
        except h11.RemoteProtocolError as error:
            self.message.problem = str(error)
            self.message.broken = not parser.trailing_data[1]
            return True
        return False


def _read(reader: MessageReader, stream: Stream) -> Message:
    for at in range(reader.message.start, len(stream.data), BLOCK_BYTES):
        if reader.feed(stream.data[at : at + BLOCK_BYTES]):
            return reader.message
    reader.finish(stream.closed)
    return reader.message


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
