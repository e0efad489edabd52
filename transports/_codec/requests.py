"""Turn the bytes of one HTTP/1.1 connection into requests.

How the bytes are cut into TCP segments changes neither what is read nor what is refused.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Literal

from transports._codec.grammar import BegunHead, RefusedError
from transports._codec.http import Request, parse

MOST_HEAD_BYTES = 16 * 1024
"""The request line, all headers, and the empty lines before them. A longer head gets 431."""

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
"""A client that expects this waits for it before it sends a body (RFC 9110 section 10.1.1)."""

_END_OF_HEAD = b"\r\n\r\n"
_EMPTY_LINES = re.compile(rb"(?:\r\n)*")

Part = Literal["head", "body"]


class TooLargeError(RefusedError):
    """The body of `request` is larger than the limit."""

    def __init__(self, request: Request, most_bytes: int) -> None:
        super().__init__(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"at most {most_bytes} bytes")
        self.request = request


class Requests:
    """The requests of one connection, in order.

    `bodiless`: the request that is being read, or was read last, is a HEAD. Its response has no
    body (RFC 9110 section 9.3.2).
    """

    __slots__ = (
        "_begun",
        "_body_bytes",
        "_data",
        "_head",
        "_head_bytes",
        "_most_body_bytes",
        "_withheld",
        "bodiless",
    )

    def __init__(self, most_body_bytes: int) -> None:
        self.bodiless = False
        self._data: bytes | bytearray = b""
        self._body_bytes = 0
        self._head: Request | None = None
        self._begun: BegunHead | None = None
        self._head_bytes = MOST_HEAD_BYTES
        self._most_body_bytes = most_body_bytes
        self._withheld = False

    def feed(self, data: bytes) -> None:
        """Add the bytes that came in."""
        if not self._data:
            self._data = data  # most requests come in one piece, and are not copied
        elif isinstance(self._data, bytearray):
            self._data += data
        else:
            self._data = bytearray(self._data) + data

    @property
    def unread_bytes(self) -> int:
        """How many bytes have come that `next` has not returned as part of a request."""
        return len(self._data)

    @property
    def part(self) -> Part | None:
        """The part of a request that is incomplete; None between two requests."""
        if self._head is not None:
            return "body"
        return "head" if self._data else None

    def next(self) -> tuple[Request, bytes] | None:
        """Return the next request with its body; None if it is not complete yet.

        Raises:
            RefusedError: the request is invalid, or its end is not certain; see `parse`.
        """
        if self._head is None:
            self._head = self._take_head()
            if self._head is None:
                return None
            self._body_bytes = self._checked_size(self._head)
        if len(self._data) < self._body_bytes:
            return None
        request, self._head = self._head, None
        self._withheld = False
        return request, self._take(self._body_bytes)

    def interim(self) -> bytes:
        """Return CONTINUE once if the client waits for it before it sends a body, else nothing."""
        withheld, self._withheld = self._withheld, False
        return CONTINUE if withheld else b""

    def rest(self) -> bytes:
        """Return the bytes after the last request: the first ones of another protocol."""
        return self._take(len(self._data))

    def _take(self, size: int) -> bytes:
        data = self._data
        if size == len(data):
            self._data = b""
            return bytes(data)
        taken = bytes(data[:size])
        if isinstance(data, bytearray):
            del data[:size]
        else:
            self._data = data[size:]
        return taken

    def _take_head(self) -> Request | None:
        if self._data.startswith(b"\r"):
            self._skip_empty_lines()
        data = self._data
        if not data or data == b"\r":
            return None
        self.bodiless = data.startswith(b"HEAD ")
        end = data.find(_END_OF_HEAD, 0, self._head_bytes)
        if end < 0:
            self._check_begun()
            return None
        head = self._take(end + len(_END_OF_HEAD))
        self._head_bytes, self._begun = MOST_HEAD_BYTES, None
        return parse(head[:end])

    def _skip_empty_lines(self) -> None:
        """Skip empty lines before a request line, as RFC 9112 section 2.2 asks."""
        empty = _EMPTY_LINES.match(self._data)
        assert empty is not None  # the pattern matches the empty string too
        size = empty.end()
        self._take(size)
        self._head_bytes -= size
        if self._head_bytes <= 0:
            raise _head_too_large()

    def _check_begun(self) -> None:
        if self._begun is None:
            self._begun = BegunHead()
        self._begun.check(bytes(self._data[: self._head_bytes]))
        if len(self._data) >= self._head_bytes:
            raise _head_too_large()

    def _checked_size(self, request: Request) -> int:
        """Return the length of a body that the server can take."""
        size = request.body_bytes
        if size > self._most_body_bytes:
            raise TooLargeError(request, self._most_body_bytes)
        # RFC 9110 section 10.1.1: a server ignores the expectation of an HTTP/1.0 client.
        expected = request.headers.get("expect") if request.version == "HTTP/1.1" else None
        if expected is not None and expected.lower() != "100-continue":
            reason = "100-continue is the only expectation that the server meets"
            raise RefusedError(HTTPStatus.EXPECTATION_FAILED, reason)
        self._withheld = expected is not None and size > 0
        return size


def _head_too_large() -> RefusedError:
    status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
    return RefusedError(status, f"at most {MOST_HEAD_BYTES} bytes of headers")
