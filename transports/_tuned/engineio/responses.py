"""Build Engine.IO's HTTP responses. One response serves all sessions that get the same packets."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import unquote_plus

import msgspec

from transports._codec.grammar import RefusedError
from transports._codec.http import DATE, Request
from transports._tuned.engineio.packets import SEPARATOR


class Responses:
    """Builds the responses to polls and POSTs, and keeps the latest one.

    Members of a room that poll are mostly sent the same packets one after another, so the latest
    response is often the next one too.
    """

    def __init__(self) -> None:
        self._latest: tuple[list[bytes], bytes, bytes, bytes] = ([], b"", b"", b"")
        self._response = b""

    def payload(
        self, packets: list[bytes], headers: bytes, kind: bytes = b"text/plain; charset=UTF-8"
    ) -> bytes:
        """Return a response with these packets: the latest one, if it is the same.

        Args:
            packets: the packets in its body.
            headers: lines to add to the headers that every response has, each with its CRLF.
            kind: the Content-Type of its body.
        """
        what = (packets, headers, kind, DATE.line())
        if what != self._latest:
            body = SEPARATOR.join(packets)
            self._latest = what
            self._response = (
                b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\n%bContent-Length: %d\r\n%b\r\n%b"
                % (kind, headers, len(body), what[3], body)
            )
        return self._response


def bad_request(message: str) -> RefusedError:
    """Build a refusal in the form of python-engineio: the body is a JSON string."""
    return RefusedError(HTTPStatus.BAD_REQUEST, msgspec.json.encode(message).decode())


def query_of(request: Request) -> dict[str, str]:
    """Return the query parameters: the first value of each name that is not empty."""
    found: dict[str, str] = {}
    for part in request.query.split("&"):
        name, _, value = part.partition("=")
        if "%" in part or "+" in part:
            name, value = unquote_plus(name), unquote_plus(value)
        if value and name not in found:
            found[name] = value
    return found


def cors_headers(request: Request) -> bytes:
    """Build the header lines by which a page of another origin may read the response."""
    origin = request.headers.get("origin")
    credentials = b"Access-Control-Allow-Credentials: true\r\n"
    if origin is None:
        return credentials
    return b"Access-Control-Allow-Origin: %b\r\n" % origin.encode("latin-1") + credentials


def preflight_headers(request: Request) -> dict[str, str]:
    """Build the answer to a browser's CORS preflight request (Fetch, section 3.2)."""
    headers = {"Access-Control-Allow-Methods": "OPTIONS, GET, POST"}
    if (requested := request.headers.get("access-control-request-headers")) is not None:
        headers["Access-Control-Allow-Headers"] = requested
    return {**headers, **readable_headers(request)}


def readable_headers(request: Request) -> dict[str, str]:
    """Return the headers of `cors_headers` as a dictionary, for the responses that are rare."""
    origin = request.headers.get("origin")
    allowed = {} if origin is None else {"Access-Control-Allow-Origin": origin}
    return {**allowed, "Access-Control-Allow-Credentials": "true"}
