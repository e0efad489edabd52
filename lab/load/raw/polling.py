"""A raw member over Engine.IO's long-polling: a waiting GET on one connection, POSTs on another."""

from __future__ import annotations

import selectors
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

import msgspec

from lab.chat.events import Event, Reply
from lab.contract import ClientTls
from lab.load.raw.dialects import Dialect
from lab.load.raw.exchange import Pipe, RawError, dial

HEAD_END = b"\r\n\r\n"
SEPARATOR = b"\x1e"
"""Separates the packets of a payload (Engine.IO protocol 4). Inside JSON it is always escaped."""


class PollingMember:
    """One client of a session over HTTP. See `Member`. `decoding`: it keeps the deliveries."""

    def __init__(
        self,
        selector: selectors.BaseSelector,
        url: str,
        dialect: Dialect,
        decoding: bool = False,
        tls: ClientTls | None = None,
    ) -> None:
        parts = urlsplit(url)
        assert parts.hostname and parts.port
        self._selector = selector
        self._tls = tls
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
        return dial(self._selector, self._address, Responses(answered).feed, self, self._tls)

    def _post(self) -> None:
        """Send one POST at a time, so packets keep their order. Others wait for the next one."""
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
        """The session is open (Engine.IO `open`). From now on every request names it."""
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
        if count <= body.count(SEPARATOR):  # one packet of the payload is not a delivery
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
        return request(method, self._target, self._host, body)


def request(
    method: str, target: str, host: str, body: bytes, headers: Iterable[tuple[str, str]] = ()
) -> bytes:
    """A request of Engine.IO's long-polling."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name}: {value}" for name, value in headers]
    if method == "POST":
        lines += ["Content-Type: text/plain; charset=UTF-8", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


class Responses:
    """Reads HTTP/1.1 responses in pieces, with both kinds of length (RFC 9112).

    Raises (from `feed`): RawError for a status other than 200, or without a length.
    """

    def __init__(self, answered: Callable[[bytes], int]) -> None:
        self._answered = answered
        self._data = b""
        self._needed = 0

    def feed(self, data: bytes) -> int:
        """Read a piece. Returns the sum of what the handlers of its completed bodies returned."""
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
