"""A raw member over Engine.IO's long-polling: a GET parked on one connection, POSTs on another."""

from __future__ import annotations

import selectors
from collections.abc import Callable
from urllib.parse import urlsplit

import msgspec

from lab.chat.events import Event, Reply
from lab.load.raw.dialects import Dialect
from lab.load.raw.exchange import Pipe, RawError

HEAD_END = b"\r\n\r\n"
SEPARATOR = b"\x1e"
"""Between the packets of a payload (Engine.IO protocol 4); inside JSON it is always escaped."""


class PollingMember:
    """One client of a session over HTTP. See `Member`; `decoding`: it keeps what it hears."""

    def __init__(
        self, selector: selectors.BaseSelector, url: str, dialect: Dialect, decoding: bool = False
    ) -> None:
        parts = urlsplit(url)
        assert parts.hostname and parts.port
        self._selector = selector
        self._address = (parts.hostname, parts.port)
        self.dialect = dialect
        self.ready = False
        self.replies: list[Reply] = []
        self.count = 0
        self.heard: list[Event] = []
        self.last = b""
        self.polls = 0
        """Responses that brought at least one delivery."""
        self._decoding = decoding
        self._marked = SEPARATOR + dialect.mark
        self._target = "/socket.io/?EIO=4&transport=polling"
        self._host = parts.netloc
        self._unsent: list[bytes] = []
        self._posting = False
        self._down = self._http(self._polled)
        self._up = self._http(self._posted)
        self._down.send(self._request("GET"))

    def send(self, texts: list[bytes]) -> None:
        self._unsent += texts
        self._post()

    def pieces(self) -> int | None:
        return self.polls

    def close(self) -> None:
        self._down.close()
        self._up.close()

    def _http(self, answered: Callable[[bytes], int]) -> Pipe:
        return Pipe(self._selector, self._address, Responses(answered).feed, self)

    def _post(self) -> None:
        """One POST at a time, so that packets keep their order; what gathers goes in the next."""
        if self._unsent and not self._posting:
            body, self._unsent, self._posting = SEPARATOR.join(self._unsent), [], True
            self._up.send(self._request("POST", body))

    def _posted(self, body: bytes) -> int:
        self._posting = False
        self._post()
        return 0

    def _polled(self, body: bytes) -> int:
        if body.startswith(b"0{"):
            self._opened(body)
            return 0
        self._down.send(self._request("GET"))
        return self._packets(body)

    def _opened(self, body: bytes) -> None:
        """The session is there (Engine.IO `open`): from now on every request names it."""
        sid = msgspec.json.decode(body[1:])["sid"]
        self._target += f"&sid={sid}"
        assert self.dialect.greeting is not None
        self.send([self.dialect.greeting])
        self._down.send(self._request("GET"))

    def _packets(self, body: bytes) -> int:
        count = body.count(self._marked) + body.startswith(self.dialect.mark)
        if count:
            self.polls += 1
            at = body.rfind(self._marked) + 1
            self.last = body[at:].partition(SEPARATOR)[0]
            if self._decoding:
                self._keep(body)
        if count <= body.count(SEPARATOR):  # there is a packet more than there are deliveries
            for packet in body.split(SEPARATOR):
                if not packet.startswith(self.dialect.mark):
                    self._other(packet)
        return count

    def _keep(self, body: bytes) -> None:
        packets = body.split(SEPARATOR)
        marked = (packet for packet in packets if packet.startswith(self.dialect.mark))
        self.heard += map(self.dialect.decode, marked)

    def _other(self, packet: bytes) -> None:
        if (answer := self.dialect.answer(packet)) is not None:
            self.send([answer])
        elif packet.startswith((b"1", b"41")):
            raise RawError(f"the session was closed: {packet[:80]!r}")
        elif not self.ready and self.dialect.is_welcome(packet):
            self.ready = True
        elif (reply := self.dialect.reply(packet)) is not None:
            self.replies.append(reply)

    def _request(self, method: str, body: bytes = b"") -> bytes:
        lines = [f"{method} {self._target} HTTP/1.1", f"Host: {self._host}"]
        if method == "POST":
            lines += ["Content-Type: text/plain; charset=UTF-8", f"Content-Length: {len(body)}"]
        return "\r\n".join([*lines, "", ""]).encode() + body


class Responses:
    """Takes HTTP/1.1 responses in pieces and hands on each body; both kinds of length (RFC 9112).

    Raises (from `feed`): RawError for a status other than 200, or a length that is not said.
    """

    def __init__(self, answered: Callable[[bytes], int]) -> None:
        self._answered = answered
        self._data = b""
        self._needed = 0

    def feed(self, data: bytes) -> int:
        """Take a piece; returns what the handlers of the bodies that it completed returned."""
        self._data += data
        count = 0
        while len(self._data) >= self._needed and (body := self._next()) is not None:
            count += self._answered(body)
        return count

    def _next(self) -> bytes | None:
        head, found, rest = self._data.partition(HEAD_END)
        if not found:
            return None
        length = _length(head)
        if len(rest) < length:
            self._needed = len(head) + len(HEAD_END) + length
            return None
        self._data, self._needed = rest[length:], 0
        return rest[:length]


def _length(head: bytes) -> int:
    status, *lines = head.split(b"\r\n")
    if status.split(b" ")[1:2] != [b"200"]:
        raise RawError(f"a request was answered with {status.decode(errors='replace')!r}")
    for line in lines:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise RawError("a response does not say how long it is")
