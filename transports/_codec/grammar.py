"""Check the head of an HTTP/1.1 request against the grammar, line by line.

The first invalid line decides the answer. It does not matter whether the head comes in one piece
or byte by byte: an incomplete line is refused as soon as no continuation could make it valid.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from ipaddress import IPv6Address
from types import MappingProxyType

MOST_FIELDS = 100
"""Header fields of one request. A request with more gets 431."""

_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"  # RFC 9110 section 5.6.2
_VALUE = rb"[\t\x20-\x7e\x80-\xff]*"  # RFC 9110 section 5.5; other control characters are refused
_REQUEST_LINE = re.compile(rb"(%b) ([!-~]+) (HTTP/[0-9]\.[0-9])" % _TOKEN)
_REQUEST_LINE_BEGUN = re.compile(rb"%b(?: (?:[!-~]+(?: [!-~]*)?)?)?\r?" % _TOKEN)
_FIELD = re.compile(rb"(%b):(%b)" % (_TOKEN, _VALUE))
_FIELD_BEGUN = re.compile(rb"(?:%b(?::%b)?)?\r?" % (_TOKEN, _VALUE))

_FIELD_LINES = re.compile(rb"%b:%b(?:\r\n%b:%b)*" % (_TOKEN, _VALUE, _TOKEN, _VALUE))

_VERSIONS = ("HTTP/1.1", "HTTP/1.0")
# RFC 9112 section 3.2, in absolute or origin form. A fragment never leaves the client: no `#`.
_TARGET = re.compile(r"(?:https?://([^/?#]*)|(?=/))(/[^?#]*)?(?:\?([^#]*))?", re.IGNORECASE)
# RFC 3986 section 3.2.2, without the comma, by which two Host fields are joined on the way.
_NAME = r"(?:[A-Za-z0-9\-._~!$&'()*+;=]|%[0-9A-Fa-f]{2})+"
_HOST = re.compile(rf"(?:{_NAME}|\[([0-9A-Fa-f:.]+)\])(?::[0-9]{{0,5}})?")
_LENGTH = re.compile(r"0|[1-9][0-9]{0,14}")

_SINGLE = frozenset(
    ("host", "content-length", "origin", "sec-websocket-key", "sec-websocket-version")
)
"""Fields with one value. If one is sent twice, a proxy and a server may use different ones."""


class RefusedError(Exception):
    """The request is answered with `status`, `reason` as the body, and these `headers`."""

    def __init__(self, status: int, reason: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.headers = headers or {}


class Fields(dict[str, str]):
    """Header fields by name in lower case. Values of one name are joined (RFC 9110 section 5.3)."""

    def __init__(self) -> None:
        super().__init__()
        self._lines = 0

    def add(self, line: bytes) -> None:
        """Add one complete line, without its CRLF.

        Raises:
            RefusedError: 400 if the line is not a field (RFC 9110 section 5), 431 if there are more
                than `MOST_FIELDS`.
        """
        found = _FIELD.fullmatch(line)
        if found is None:
            raise RefusedError(HTTPStatus.BAD_REQUEST, "not a header (RFC 9112 section 5)")
        self._lines += 1
        if self._lines > MOST_FIELDS:
            raise RefusedError(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "too many headers")
        name, value = found[1].decode().lower(), found[2].strip(b" \t").decode("latin-1")
        if name not in self:
            _check_value(name, value)
            self[name] = value
        elif name in _SINGLE:
            raise RefusedError(HTTPStatus.BAD_REQUEST, f"{name} is given twice")
        else:
            self[name] += f", {value}"


def _check_value(name: str, value: str) -> None:
    if name == "host" and value and not is_host(value):
        raise RefusedError(HTTPStatus.BAD_REQUEST, "Host is not valid (RFC 9112 section 3.2)")
    if name == "content-length" and not _LENGTH.fullmatch(value):
        # Some readers take a leading zero for octal, others cut off a long number.
        reason = "Content-Length must be a decimal number without leading zeros"
        raise RefusedError(HTTPStatus.BAD_REQUEST, reason)


def is_host(value: str) -> bool:
    """Whether this is a host, with or without a port (RFC 9110 section 7.2)."""
    found = _HOST.fullmatch(value)
    if found is None or found[1] is None:
        return found is not None
    try:
        IPv6Address(found[1])
    except ValueError:
        return False
    return True


def fields(block: bytes) -> Mapping[str, str]:
    """Read all header fields: the lines of a head after the first.

    Raises:
        RefusedError: see `Fields.add`.
    """
    found = _plain_fields(block)
    if found is None:
        found = Fields()
        for line in block.split(b"\r\n") if block else ():
            found.add(line)
    return MappingProxyType(found)


def _plain_fields(block: bytes) -> dict[str, str] | None:
    """Read the fields in one step. None if one must be joined or refused, which is rare."""
    if not _FIELD_LINES.fullmatch(block):
        return None
    lines = block.decode("latin-1").split("\r\n")
    found = {}
    for line in lines:
        name, _, value = line.partition(":")
        found[name.lower()] = value.strip(" \t")
    if len(found) != len(lines) or len(lines) > MOST_FIELDS:
        return None
    valid = is_host(found.get("host") or "a") and _LENGTH.fullmatch(
        found.get("content-length", "0")
    )
    return found if valid else None


RequestLine = tuple[str, str | None, str, str, str]
"""Method, authority, path, query and version. The authority is None unless the target is in
absolute form; then it replaces the Host field (RFC 9112 section 3.2.2)."""


def request_line(line: bytes) -> RequestLine:
    """Read a request's first line, without its CRLF.

    Raises:
        RefusedError: 400 if it is not a request line (RFC 9112 section 3), 505 for another version.
    """
    text = line.decode("latin-1")
    words = text.split(" ")
    if len(words) == 3 and line.isascii() and text.isprintable():
        method, target, version = words
        # Nearly every request line. `_rare_request_line` gives the same result, but takes longer.
        if method.isalpha() and target[:1] == "/" and "#" not in target and version in _VERSIONS:
            path, _, query = target.partition("?")
            return method, None, path, query, version
    return _rare_request_line(line)


def _rare_request_line(line: bytes) -> RequestLine:
    found = _REQUEST_LINE.fullmatch(line)
    if found is None:
        raise RefusedError(HTTPStatus.BAD_REQUEST, "not a request line")
    method, target, version = found[1].decode(), found[2].decode(), found[3].decode()
    if version not in _VERSIONS:
        raise RefusedError(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, "the server speaks HTTP/1.1")
    if target == "*" and method == "OPTIONS":  # the asterisk form, RFC 9112 section 3.2.4
        return method, None, target, "", version
    form = _TARGET.fullmatch(target)
    if form is None or (form[1] is not None and not is_host(form[1])):
        raise RefusedError(HTTPStatus.BAD_REQUEST, "not a request target (RFC 9112 section 3.2)")
    return method, form[1], form[2] or "/", form[3] or "", version


class BegunHead:
    """An incomplete head. It is refused as soon as no continuation could make it valid."""

    __slots__ = ("_at", "_fields")

    def __init__(self) -> None:
        self._at = 0
        self._fields: Fields | None = None

    def check(self, data: bytes) -> None:
        """Check the head as far as it has come. `data` begins as in the last call.

        Raises:
            RefusedError: as for the complete head.
        """
        while (end := data.find(b"\r\n", self._at)) >= 0:
            self._check_line(data[self._at : end])
            self._at = end + 2
        begun = _REQUEST_LINE_BEGUN if self._fields is None else _FIELD_BEGUN
        if len(data) > self._at and not begun.fullmatch(data, self._at):
            raise RefusedError(HTTPStatus.BAD_REQUEST, "this is not HTTP/1.1")

    def _check_line(self, line: bytes) -> None:
        if self._fields is None:
            request_line(line)
            self._fields = Fields()
        else:
            self._fields.add(line)
