"""A server's HTTP response, as values."""

from __future__ import annotations

__pure__ = True

import gzip
import zlib
from collections.abc import Iterable

import h11
import msgspec

Fields = tuple[tuple[str, str], ...]
"""Names in lower case with their values, in the order of the message."""


class Response(msgspec.Struct, frozen=True):
    """One response. `problem`: why there is none, or why it is not whole; "" if it is.

    `first_bytes`: what came instead of a response.
    """

    status: int | None = None
    headers: Fields = ()
    body: bytes = b""
    problem: str = ""
    first_bytes: bytes = b""

    @property
    def opened(self) -> bool:
        """Whether it changes to WebSocket."""
        return self.status == 101

    def get(self, name: str) -> str | None:
        """The first value of a header; None if there is none."""
        return next(iter(self.all(name)), None)

    def all(self, name: str) -> list[str]:
        """Every value of a header."""
        return [value for field, value in self.headers if field == name]

    @property
    def text(self) -> str:
        """The body, decompressed if it was compressed by gzip."""
        body = self.body
        if self.get("content-encoding") == "gzip":
            try:
                body = gzip.decompress(body)
            except (OSError, EOFError, zlib.error):
                return ""
        return body.decode(errors="replace")

    def __str__(self) -> str:
        """The status, or why there is none."""
        return self.problem if self.status is None else str(self.status)


def response_of(
    head: h11.Response | h11.InformationalResponse, body: bytes, problem: str = ""
) -> Response:
    """A response that was read by h11."""
    return Response(head.status_code, fields(head.headers), body, problem)


def fields(headers: Iterable[tuple[bytes, bytes]]) -> Fields:
    """Header fields as text; latin-1 maps each byte."""
    return tuple(
        (bytes(name).decode("latin-1"), bytes(value).decode("latin-1")) for name, value in headers
    )
