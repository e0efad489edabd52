"""A raw member over one WebSocket: native, Socket.IO, or Socket.IO after its upgrade."""

from __future__ import annotations

import selectors
from collections.abc import Iterable
from urllib.parse import urlsplit

from lab.chat.events import Event, Reply
from lab.contract import ClientTls
from lab.load.raw import frames
from lab.load.raw.dialects import Dialect
from lab.load.raw.exchange import RawError, dial

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
"""The sample of RFC 6455 section 1.3. A server must accept any key."""
HEAD_END = b"\r\n\r\n"
NO_STATUS = 1005
"""A close frame without a code (RFC 6455 section 7.1.5)."""


class WebSocketMember:
    """One client over one WebSocket. See `Member`. `decoding`: it keeps the deliveries."""

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
        self.dialect = dialect
        self.ready = False
        self.replies: list[Reply] = []
        self.count = 0
        self.heard: list[Event] = []
        self._head: bytes | None = b""
        self._skipper: frames.Skipper | frames.Reader
        self._opcode = frames.BINARY if dialect.is_binary else frames.TEXT
        if decoding:
            self._skipper = frames.Reader(dialect.mark, self._keep, self._other, self._opcode)
        else:
            self._skipper = frames.Skipper(dialect.mark, self._other, self._opcode)
        self._pipe = dial(selector, (parts.hostname, parts.port), self._receive, self, tls)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._pipe.send(opening(target, parts.netloc))

    @property
    def last(self) -> bytes:
        return self._skipper.last

    def send(self, texts: list[bytes]) -> None:
        self._pipe.send(b"".join([frames.frame(text, self._opcode) for text in texts]))

    def pieces(self) -> int | None:
        return self._pipe.segments()

    def close(self) -> None:
        self._pipe.close()

    def _receive(self, data: bytes) -> int:
        if self._head is None:
            return self._skipper.feed(data)
        self._head += data
        head, found, rest = self._head.partition(HEAD_END)
        if not found:
            return 0
        status = head.split(b"\r\n", 1)[0].decode(errors="replace")
        if " 101 " not in f"{status} ":
            raise RawError(f"the handshake was answered with {status!r}")
        self._head = None
        if self.dialect.greeting is None:
            self.ready = True
        else:
            self._greet(self.dialect.greeting)
        return self._skipper.feed(rest)

    def _greet(self, greeting: bytes) -> None:
        self.send([greeting])

    def _keep(self, text: bytes) -> None:
        self.heard.append(self.dialect.decode(text))

    def _other(self, first: int, payload: bytes) -> None:
        if first in (frames.FINAL | frames.TEXT, frames.FINAL | self._opcode):
            self._text(payload)
        elif first == frames.FINAL | frames.PING:
            self._pipe.send(frames.frame(payload, frames.PONG))
        elif first == frames.FINAL | frames.CLOSE:
            code = int.from_bytes(payload[:2]) if payload else NO_STATUS
            raise RawError(f"closed with {code} {payload[2:].decode(errors='replace')}")
        else:
            raise RawError(f"a frame that begins with 0x{first:02x} was not expected")

    def _text(self, text: bytes) -> None:
        if (answer := self.dialect.answer(text)) is not None:
            self._pipe.send(frames.frame(answer))
        elif not self.ready and self.dialect.is_welcome(text):
            self.ready = True
        elif (reply := self.dialect.reply(text)) is not None:
            self.replies.append(reply)


def opening(target: str, host: str, headers: Iterable[tuple[str, str]] = ()) -> bytes:
    """The client's opening handshake (RFC 6455 section 4.1), without extensions."""
    lines = [
        f"GET {target} HTTP/1.1",
        f"Host: {host}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {KEY}",
        "Sec-WebSocket-Version: 13",
        *(f"{name}: {value}" for name, value in headers),
    ]
    return "\r\n".join([*lines, "", ""]).encode()
