"""An HTTP request as bytes, right or wrong on purpose."""

from __future__ import annotations

__pure__ = True

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

HANDSHAKE: Mapping[str, str] = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}
"""The headers of a client's opening handshake (RFC 6455 section 4.1), with the RFC's sample key."""


class Request(NamedTuple):
    """An HTTP/1 request. A header's name in two spellings appears twice."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""
    version: str = "1.1"

    def encode(self) -> bytes:
        """Return the bytes on the wire; Content-Length is the body's unless a header sets it."""
        headers = dict(self.headers)
        if self.body and "Content-Length" not in headers:
            headers["Content-Length"] = str(len(self.body))
        lines = [f"{self.method} {self.target} HTTP/{self.version}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "", ""]).encode() + self.body

    def without(self, *names: str) -> Request:
        """Return the request without these headers, in any spelling."""
        gone = {name.lower() for name in names}
        kept = {name: value for name, value in self.headers.items() if name.lower() not in gone}
        return self._replace(headers=kept)

    def having(self, headers: Mapping[str, str]) -> Request:
        """Return the request with these headers instead of those of the same name."""
        return self._replace(headers={**self.without(*headers).headers, **headers})

    def repeating(self, name: str, value: str) -> Request:
        """Return the request with a header once more that it already has."""
        return self._replace(headers={**self.headers, name.swapcase(): value})

    def asking(self, **parameters: str | None) -> Request:
        """Return the request with these parameters in its query; None removes a parameter."""
        parts = urlsplit(self.target)
        query = dict(parse_qsl(parts.query, keep_blank_values=True)) | parameters
        said = {name: value for name, value in query.items() if value is not None}
        return self._replace(target=parts._replace(query=urlencode(said)).geturl())


def handshake(url: str) -> Request:
    """Return a right opening handshake for `url`."""
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Request("GET", target, {"Host": parts.netloc, **HANDSHAKE})


def parse_requests(data: bytes) -> list[Request]:
    """Return the requests that one client sent on one connection, up to an upgrade.

    For clients that write well-formed requests, with Content-Length for each body.
    """
    requests: list[Request] = []
    while data and not (requests and "Upgrade" in requests[-1].headers):
        head, _, rest = data.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        method, target, _version = first.split(" ")
        headers = {name.title(): value for name, value in (line.split(": ", 1) for line in lines)}
        length = int(headers.get("Content-Length", 0))
        requests.append(Request(method, target, headers, rest[:length]))
        data = rest[length:]
    return requests
