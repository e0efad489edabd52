"""Requests that two parsers may split in different places, and the number of their answers.

Each case is a valid request with one ambiguity. A parser that reads its body as another request
gives one answer too many. A parser that reads the next request as its body gives one too few.
"""

from __future__ import annotations

from collections.abc import Callable

import h11

from lab.handshakes.request import Request

SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: smuggled\r\n\r\n"
"""The body of most cases."""
SIZE = len(SMUGGLED)
CHUNKED = b"%x\r\n%b\r\n0\r\n\r\n" % (SIZE, SMUGGLED)

Case = Callable[[Request], bytes]


def _head(request: Request, line: bytes | None = None, end: bytes = b"\r\n") -> bytes:
    """The request's head without the empty line that ends it."""
    first = f"{request.method} {request.target} HTTP/1.1".encode() if line is None else line
    lines = [f"{name}: {value}".encode() for name, value in request.headers.items()]
    return b"".join(part + end for part in (first, *lines))


def field(lines: bytes, body: bytes = SMUGGLED) -> Case:
    """Add lines after the request's own header fields."""
    return lambda request: _head(request) + lines + b"\r\n\r\n" + body


def length(value: bytes) -> Case:
    """Add a Content-Length of this value."""
    return field(b"Content-Length: " + value)


def line(form: bytes) -> Case:
    """Replace the request line; %b stands for the target."""
    return lambda request: _head(request, form.replace(b"%b", request.target.encode())) + b"\r\n"


def host(value: bytes) -> Case:
    """Replace the request's Host."""
    return lambda request: _head(request.without("Host")) + b"Host: " + value + b"\r\n\r\n"


LENGTHS: dict[str, Case] = {
    "two lengths that differ": field(b"Content-Length: 0\r\nContent-Length: %d" % SIZE),
    "two lengths alike": field(b"Content-Length: %d\r\ncontent-length: %d" % (SIZE, SIZE)),
    "a list of lengths": length(b"%d, %d" % (SIZE, SIZE)),
    "a length of 25 digits": length(b"%025d" % SIZE),
    "a length past 64 bits": length(b"18446744073709551658"),
    "a length with a leading zero": length(b"0%d" % SIZE),
    "a length of zeros": field(b"Content-Length: 00", b""),
    "a length with a plus": length(b"+%d" % SIZE),
    "a length with a minus": length(b"-%d" % SIZE),
    "a hexadecimal length": length(b"0x%x" % SIZE),
    "a length with an underscore": length(b"4_2"),
    "a length with a fraction": length(b"%d.0" % SIZE),
    "a length with an exponent": length(b"4e1"),
    "a length with a space in it": length(b"4 2"),
    "a length with a parameter": length(b"%d;a=b" % SIZE),
    "a length in quotes": length(b'"%d"' % SIZE),
    "an empty length": length(b""),
    "a length of digits that are not ASCII": length("٤٢".encode()),
    "a length of superscripts": length(b"\xb2"),
    "a length behind a vertical tab": length(b"\x0b%d" % SIZE),
    "a space behind the name of the length": field(b"Content-Length : %d" % SIZE),
    "a tab behind the name of the length": field(b"Content-Length\t: %d" % SIZE),
    "a NUL in the name of the length": field(b"Content-Length\0: %d" % SIZE),
    "a length on a folded line": field(b"Content-Length:\r\n %d" % SIZE),
}

CODINGS: dict[str, Case] = {
    "a length, then chunks": field(
        b"Content-Length: %d\r\nTransfer-Encoding: chunked" % len(CHUNKED), CHUNKED
    ),
    "chunks, then a length": field(
        b"Transfer-Encoding: chunked\r\nContent-Length: 4", b"0\r\n\r\n" + SMUGGLED
    ),
    "a length and no coding": field(b"Content-Length: 4\r\nTransfer-Encoding: identity"),
    "an unknown coding": field(b"Transfer-Encoding: xchunked", CHUNKED),
    "chunks in chunks": field(b"Transfer-Encoding: chunked, chunked", CHUNKED),
    "chunks inside": field(b"Transfer-Encoding: chunked, identity", CHUNKED),
    "chunks twice": field(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", CHUNKED),
    "chunks behind a vertical tab": field(b"Transfer-Encoding: \x0bchunked", CHUNKED),
    "chunks in quotes": field(b'Transfer-Encoding: "chunked"', CHUNKED),
    "a space behind the name of the coding": field(b"Transfer-Encoding : chunked", CHUNKED),
    "a coding on a folded line": field(b"Transfer-Encoding:\r\n chunked", CHUNKED),
    "chunks": field(b"Transfer-Encoding: chunked", CHUNKED),
    "a chunk's extension": field(
        b"Transfer-Encoding: chunked", b"%x;a=b\r\n%b\r\n0\r\n\r\n" % (SIZE, SMUGGLED)
    ),
    "a chunk's extension with a line feed": field(
        b"Transfer-Encoding: chunked", b"2;\nxx\r\n%x\r\n0\r\n\r\n%b" % (SIZE, SMUGGLED)
    ),
    "a chunk's size of 25 digits": field(
        b"Transfer-Encoding: chunked", b"%025x\r\n%b\r\n0\r\n\r\n" % (SIZE, SMUGGLED)
    ),
    "chunks that end with line feeds": field(
        b"Transfer-Encoding: chunked", b"%x\n%b\n0\n\n" % (SIZE, SMUGGLED)
    ),
    "chunks in HTTP/1.0": lambda request: (
        _head(request, f"{request.method} {request.target} HTTP/1.0".encode())
        + b"Transfer-Encoding: chunked\r\n\r\n"
        + CHUNKED
    ),
}

LINES: dict[str, Case] = {
    "line feeds alone": lambda request: _head(request, end=b"\n") + b"\n",
    "carriage returns alone": lambda request: _head(request, end=b"\r") + b"\r\r\n\r\n",
    "a line feed between fields": field(b"X: a\nContent-Length: 0", b""),
    "a line feed at a head's end": lambda request: _head(request) + b"\n",
    "a line feed in a head's end": lambda request: _head(request)[:-2] + b"\n\r\n",
    "a carriage return in a value": field(b"X: a\rContent-Length: 0", b""),
    "a carriage return too many": field(b"X: a\r\r\nY: b", b""),
    "a NUL in a value": field(b"X: a\0b", b""),
    "an escape in a value": field(b"X: a\x1bb", b""),
    "a DEL in a value": field(b"X: a\x7fb", b""),
    "a folded line": field(b"X: a\r\n b", b""),
    "a line folded by a tab": field(b"X: a\r\n\tContent-Length: 0", b""),
    "a field without a colon": field(b"abc", b""),
    "a field without a name": field(b": abc", b""),
    "a space in a name": field(b"X Y: 1", b""),
    "parentheses in a name": field(b"X(Y): 1", b""),
    "a control character in a name": field(b"X\x01Y: 1", b""),
    "a name that is not ASCII": field(b"X\xe9: 1", b""),
    "a name in quotes": field(b'"X": 1', b""),
    "a space before the first field": lambda request: (
        _head(request).replace(b"\r\n", b"\r\n ", 1) + b"\r\n"
    ),
    "two Hosts that differ": field(b"Host: smuggled", b""),
    "two Hosts alike": lambda request: (
        _head(request) + b"host: " + request.headers["Host"].encode() + b"\r\n\r\n"
    ),
    "a Host with a user": host(b"user@localhost"),
    "a Host with a path": host(b"localhost/a"),
    "a Host with a space": host(b"local host"),
    "a Host with a scheme": host(b"http://localhost"),
    "a Host that is a list": host(b"localhost, localhost"),
    "a Host with a port of letters": host(b"localhost:http"),
    "a Host with two ports": host(b"localhost:80:80"),
    "a Host with a port of 25 digits": host(b"localhost:%025d" % 80),
    "a Host with half an IPv6 address": host(b"[::1"),
    "a Host with no IPv6 address": host(b"[1:2]"),
    "no Host": lambda request: _head(request.without("Host")) + b"\r\n",
    "no version": line(b"GET %b"),
    "a version in lower case": line(b"GET %b http/1.1"),
    "a version of two digits": line(b"GET %b HTTP/1.10"),
    "another version": line(b"GET %b HTTP/2.0"),
    "another protocol": line(b"GET %b RTSP/1.1"),
    "two spaces": line(b"GET  %b HTTP/1.1"),
    "tabs for spaces": line(b"GET\t%b\tHTTP/1.1"),
    "a space before the method": line(b" GET %b HTTP/1.1"),
    "a space behind the version": line(b"GET %b HTTP/1.1 "),
    "a word too many": line(b"GET %b HTTP/1.1 HTTP/1.1"),
    "a method with parentheses": line(b"G(E)T %b HTTP/1.1"),
    "a target that is not ASCII": line(b"GET %b\xc3\xa9 HTTP/1.1"),
    "a target with a control character": line(b"GET %b\x01 HTTP/1.1"),
    "a target with a fragment": line(b"GET %b#a HTTP/1.1"),
    "a target without a slash": line(b"GET a%b HTTP/1.1"),
    "a target of another scheme": line(b"GET ftp://localhost%b HTTP/1.1"),
    "a target with a user": line(b"GET http://user@localhost%b HTTP/1.1"),
    "a target without a host": line(b"GET http://%b HTTP/1.1"),
    "a target that is a host": line(b"CONNECT localhost:80 HTTP/1.1"),
    "an asterisk": line(b"GET * HTTP/1.1"),
}

CASES = LENGTHS | CODINGS | LINES


def statuses(data: bytes, first: str = "GET") -> list[int]:
    """The statuses of all responses on one connection; an upgrade is the last.

    Args:
        data: all that the server has sent.
        first: the method of the first request; the others are GETs.

    Raises:
        h11.RemoteProtocolError: the data is no response.
    """
    found: list[int] = []
    while data:
        client = h11.Connection(h11.CLIENT)
        method = "GET" if found else first
        client.send(h11.Request(method=method, target="/", headers=[("Host", "a")]))
        client.send(h11.EndOfMessage())
        client.receive_data(data)
        client.receive_data(b"")
        head = client.next_event()
        if isinstance(head, h11.InformationalResponse):
            return [*found, head.status_code]
        assert isinstance(head, h11.Response), head
        found.append(head.status_code)
        while not isinstance(client.next_event(), h11.EndOfMessage):
            pass
        data = client.trailing_data[0]
    return found
