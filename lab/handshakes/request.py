"""Among the handshakes: an HTTP request as bytes, right or wrong on purpose. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

HANDSHAKE: Mapping[str, str] = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}
"""The client's part of an opening handshake (RFC 6455 section 4.1); the key is the RFC's sample."""


class Request(NamedTuple):
    """An HTTP/1 request. Two spellings of a header's name make it stand there twice."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""
    version: str = "1.1"

    def encode(self) -> bytes:
        """As bytes on the wire; Content-Length is that of the body unless it says otherwise."""
        headers = dict(self.headers)
        if self.body and "Content-Length" not in headers:
            headers["Content-Length"] = str(len(self.body))
        lines = [f"{self.method} {self.target} HTTP/{self.version}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "", ""]).encode() + self.body

    def without(self, *names: str) -> Request:
        """The same request without these headers, however they are spelled."""
        gone = {name.lower() for name in names}
        kept = {name: value for name, value in self.headers.items() if name.lower() not in gone}
        return self._replace(headers=kept)

    def having(self, headers: Mapping[str, str]) -> Request:
        """The same request with these headers, in place of those of the same name."""
        return self._replace(headers={**self.without(*headers).headers, **headers})

    def repeating(self, name: str, value: str) -> Request:
        """The same request with a header that it has already, once more."""
        return self._replace(headers={**self.headers, name.swapcase(): value})

    def asking(self, **parameters: str | None) -> Request:
        """The same request with these parameters in its target's query; None takes one away."""
        parts = urlsplit(self.target)
        query = dict(parse_qsl(parts.query, keep_blank_values=True)) | parameters
        said = {name: value for name, value in query.items() if value is not None}
        return self._replace(target=parts._replace(query=urlencode(said)).geturl())


def handshake(url: str) -> Request:
    """An opening handshake for `url`, as it should be."""
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Request("GET", target, {"Host": parts.netloc, **HANDSHAKE})


def parse_requests(data: bytes) -> list[Request]:
    """The requests in what one client sent on one line, up to an upgrade of it.

    For clients that write well-formed requests, each body with its Content-Length.
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
