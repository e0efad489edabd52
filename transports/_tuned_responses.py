"""Shared by the tuned Socket.IO wires: Engine.IO's HTTP responses, each built once for all."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import unquote

import msgspec

from transports._tuned_http import DATE, RefusedError, Request
from transports._tuned_packets import SEPARATOR


class Responses:
    """The responses to polls and posts, of which the latest is remembered."""

    def __init__(self) -> None:
        self._latest: tuple[list[bytes], bytes, bytes, bytes] = ([], b"", b"", b"")
        self._response = b""

    def payload(
        self, packets: list[bytes], cors: bytes, kind: bytes = b"text/plain; charset=UTF-8"
    ) -> bytes:
        """A response that carries these packets; built once for all who get the same."""
        what = (packets, cors, kind, DATE.line())
        if what != self._latest:
            body = SEPARATOR.join(packets)
            self._latest = what
            self._response = (
                b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\n%bContent-Length: %d\r\n%b\r\n%b"
                % (kind, cors, len(body), what[3], body)
            )
        return self._response


def bad_request(message: str) -> RefusedError:
    """A refusal as python-engineio says it: a JSON text."""
    return RefusedError(HTTPStatus.BAD_REQUEST, msgspec.json.encode(message).decode())


def query_of(request: Request) -> dict[str, str]:
    """The parameters of a request, each once."""
    pairs = (part.partition("=") for part in request.query.split("&"))
    return {name: unquote(value) if "%" in value else value for name, _, value in pairs}


def cors_headers(request: Request) -> bytes:
    """What lets a page of another origin read a response, with their line ends."""
    origin = request.headers.get("origin")
    credentials = b"Access-Control-Allow-Credentials: true\r\n"
    if origin is None:
        return credentials
    return b"Access-Control-Allow-Origin: %b\r\n" % origin.encode("latin-1") + credentials


def preflight_headers(request: Request) -> dict[str, str]:
    """What a browser asks before it lets a page of another origin send (Fetch, section 3.2)."""
    headers = {"Access-Control-Allow-Methods": "OPTIONS, GET, POST"}
    if (asked := request.headers.get("access-control-request-headers")) is not None:
        headers["Access-Control-Allow-Headers"] = asked
    return {**headers, **readable_headers(request)}


def readable_headers(request: Request) -> dict[str, str]:
    """The headers of `cors_headers`, for a response that is not made every day."""
    origin = request.headers.get("origin")
    allowed = {} if origin is None else {"Access-Control-Allow-Origin": origin}
    return {**allowed, "Access-Control-Allow-Credentials": "true"}
