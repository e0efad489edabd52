"""Read the head of an HTTP/1.1 request, and write a response.

Reading is strict. An ambiguous request is refused (RFC 9112), because a proxy in front may read it
in another way. Chunked bodies are not supported: no client of these transports sends one.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import NamedTuple

from transports._codec import grammar
from transports._codec.grammar import RefusedError

_ALIKE = 512
"""Header blocks whose fields are cached: a client sends the same block with each of its polls."""


class Request(NamedTuple):
    """The head of a request. Header names are in lower case; `query` is not decoded."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    version: str

    def has(self, header: str, word: str) -> bool:
        """Whether a header that is a list contains this word, in any case."""
        return any(word == item.strip().lower() for item in self.headers.get(header, "").split(","))

    @property
    def keeps_alive(self) -> bool:
        """Whether another request may follow on this connection (RFC 9112 section 9.3)."""
        return self.version == "HTTP/1.1" and not self.has("connection", "close")

    @property
    def body_bytes(self) -> int:
        """The body's length (RFC 9112 section 6.3). `parse` has refused a head that hides it."""
        return int(self.headers.get("content-length", "0"))


def parse(head: bytes) -> Request:
    """Read a request's head, without the empty line that ends it.

    Raises:
        RefusedError: it is not a head, its version is neither HTTP/1.1 nor HTTP/1.0 (which is
            served without keep-alive), or it does not say where the body ends.
    """
    first, _, block = head.partition(b"\r\n")
    method, authority, path, query, version = grammar.request_line(first)
    # Each handshake has its own key, so its block never comes again. Caching it evicts others.
    alike = b"-WebSocket-Key" not in block
    headers = _remembered_fields(block) if alike else grammar.fields(block)
    if version == "HTTP/1.1" and "host" not in headers:
        raise RefusedError(HTTPStatus.BAD_REQUEST, "HTTP/1.1 needs a Host (RFC 9112 section 3.2)")
    if "transfer-encoding" in headers:
        _refuse_coding(headers)
    if authority is not None:
        headers = {**headers, "host": authority}
    return Request(method, path, query, headers, version)


_remembered_fields = lru_cache(maxsize=_ALIKE)(grammar.fields)


def _refuse_coding(headers: Mapping[str, str]) -> None:
    if "content-length" in headers:  # RFC 9112 section 6.1: this may be request smuggling
        raise RefusedError(HTTPStatus.BAD_REQUEST, "Content-Length or Transfer-Encoding, not both")
    raise RefusedError(HTTPStatus.LENGTH_REQUIRED, "a body needs a Content-Length")


class Clock:
    """Makes the Date header, and formats it once a second."""

    def __init__(self) -> None:
        self._second = 0
        self._line = b""

    def line(self) -> bytes:
        """Return `Date: ...` with its CRLF (RFC 9110 section 6.6.1)."""
        second = int(time.time())
        if second != self._second:
            self._second = second
            self._line = f"Date: {formatdate(second, usegmt=True)}\r\n".encode()
        return self._line


DATE = Clock()


def response(status: int, body: bytes, headers: Mapping[str, str]) -> bytes:
    """Build a response, with Content-Length and Date added."""
    phrase = HTTPStatus(status).phrase
    lines = [f"HTTP/1.1 {status} {phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines.append(f"Content-Length: {len(body)}\r\n")
    return "\r\n".join(lines).encode("latin-1") + DATE.line() + b"\r\n" + body


def refusal(refused: RefusedError, *, bodiless: bool = False) -> bytes:
    """Build the last response on a connection that then closes. `bodiless`: it answers a HEAD."""
    headers = {"Content-Type": "text/plain; charset=utf-8", **refused.headers}
    reason = refused.reason.encode()
    whole = response(refused.status, reason, {**headers, "Connection": "close"})
    return whole[: len(whole) - len(reason)] if bodiless else whole
