"""Shared by the tuned wires: the little of HTTP/1.1 that a handshake and a poll are made of.

Read by hand, strictly: what is ambiguous is refused (RFC 9112), since a front end might have
read it otherwise. No chunked bodies: no client of these wires sends one.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from types import MappingProxyType
from typing import NamedTuple

MOST_HEAD_BYTES = 16 * 1024
"""The request line and all headers together; past it 431."""
_MOST_HEADERS = 100
_ALIKE = 512
"""Blocks of headers that are remembered: a client sends the same with each of its polls."""

_ONCE = frozenset(("host", "content-length", "sec-websocket-key", "sec-websocket-version"))
"""Headers that may not be there twice."""


class RefusedError(Exception):
    """A request that is answered with `status`; `headers` go with it."""

    def __init__(self, status: int, reason: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.headers = headers or {}


class Request(NamedTuple):
    """A request's head. Names of headers are in lower case; `query` is not decoded."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    version: str

    def has(self, header: str, word: str) -> bool:
        """Whether a header that is a list has this word in it, whatever its case."""
        return any(word == item.strip().lower() for item in self.headers.get(header, "").split(","))

    @property
    def keeps_alive(self) -> bool:
        """Whether another request may follow on this connection (RFC 9112 section 9.3)."""
        return self.version == "HTTP/1.1" and not self.has("connection", "close")

    @property
    def body_bytes(self) -> int:
        """How long the body is.

        Raises:
            RefusedError: it can't be told.
        """
        if "transfer-encoding" in self.headers:
            raise RefusedError(HTTPStatus.LENGTH_REQUIRED, "Content-Length only")
        length = self.headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()):
            raise RefusedError(HTTPStatus.BAD_REQUEST, "Content-Length is a number")
        return int(length[:20])


def parse(head: bytes) -> Request:
    """A request's head, without the empty line that ends it.

    Raises:
        RefusedError: it is none, or not one of HTTP/1.1 (or 1.0, which keeps nothing alive).
    """
    first, _, block = head.partition(b"\r\n")
    words = first.decode("latin-1").split(" ")
    if len(words) != 3 or not all(words) or not first.isascii():
        raise RefusedError(HTTPStatus.BAD_REQUEST, "not a request line")
    method, target, version = words
    if version not in ("HTTP/1.1", "HTTP/1.0"):
        what = version.startswith("HTTP/")
        status = HTTPStatus.HTTP_VERSION_NOT_SUPPORTED if what else HTTPStatus.BAD_REQUEST
        raise RefusedError(status, "HTTP/1.1 is spoken here")
    # A handshake's key makes its block one of a kind: remembering it would only push out others.
    read = _headers.__wrapped__ if b"-WebSocket-Key" in block else _headers
    headers = read(block)
    if version == "HTTP/1.1" and "host" not in headers:
        raise RefusedError(HTTPStatus.BAD_REQUEST, "HTTP/1.1 has a Host (RFC 9112 section 3.2)")
    path, _, query = target.partition("?")
    return Request(method, path, query, headers, version)


@lru_cache(maxsize=_ALIKE)
def _headers(block: bytes) -> Mapping[str, str]:
    headers: dict[str, str] = {}
    lines = block.decode("latin-1").split("\r\n") if block else []
    if len(lines) > _MOST_HEADERS:
        raise RefusedError(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "too many headers")
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip() or " " in name:
            raise RefusedError(HTTPStatus.BAD_REQUEST, "not a header (RFC 9112 section 5)")
        if "\n" in line or "\r" in line or "\0" in line:
            raise RefusedError(HTTPStatus.BAD_REQUEST, "a control character in a header")
        name, value = name.lower(), value.strip(" \t")
        if name not in headers:
            headers[name] = value
        elif name in _ONCE:
            raise RefusedError(HTTPStatus.BAD_REQUEST, f"{name} is there twice")
        else:
            headers[name] += f", {value}"
    return MappingProxyType(headers)


class Clock:
    """The Date header, formatted once a second."""

    def __init__(self) -> None:
        self._second = 0
        self._line = b""

    def line(self) -> bytes:
        """`Date: ...` with its line end (RFC 9110 section 6.6.1)."""
        second = int(time.time())
        if second != self._second:
            self._second = second
            self._line = f"Date: {formatdate(second, usegmt=True)}\r\n".encode()
        return self._line


DATE = Clock()


def response(status: int, body: bytes, headers: Mapping[str, str]) -> bytes:
    """A whole response; Content-Length and Date are added."""
    phrase = HTTPStatus(status).phrase
    lines = [f"HTTP/1.1 {status} {phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines.append(f"Content-Length: {len(body)}\r\n")
    return "\r\n".join(lines).encode("latin-1") + DATE.line() + b"\r\n" + body


def refusal(refused: RefusedError) -> bytes:
    """The last response on a connection that can't go on."""
    headers = {"Content-Type": "text/plain; charset=utf-8", **refused.headers}
    return response(refused.status, refused.reason.encode(), {**headers, "Connection": "close"})
