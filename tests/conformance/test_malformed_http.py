"""What breaks a wire's HTTP, on each that sends commands by it: a 4xx, and the server lives on.

The requests are the wire's own: a real client's conversation is tapped, and then said again with
one thing wrong, so that nothing here knows how any wire writes its requests.
"""

from __future__ import annotations

import pytest

from lab.chat.limits import Limits
from lab.contract import Capability, Transport
from lab.handshakes.request import Request, parse_requests
from lab.wire.relay import Chunk
from tests.conformance import raw
from tests.conformance.guest import Guest
from tests.conformance.stage import Stage, stage

pytestmark = pytest.mark.needs(Capability.SOCKET, Capability.HTTP_SESSION)

SMALL = Limits(frame_bytes=64 * 1024)


async def overheard(s: Stage) -> tuple[Guest, list[Request]]:
    """A guest who has joined, and the requests that it took."""
    chunks: list[Chunk] = []
    guest = await s.connect(await s.line(tap=chunks.append))
    await guest.joined("den", "ann")
    sent: dict[int, bytes] = {}
    for chunk in chunks:
        if chunk.direction == "up":
            sent[chunk.connection] = sent.get(chunk.connection, b"") + chunk.data
    return guest, [request for data in sent.values() for request in parse_requests(data)]


async def replay(s: Stage, request: Request, body: bytes | None = None) -> int:
    """Send a request again, on a new line, with another body where one is given."""
    headers = {name: value for name, value in request.headers.items() if name != "Content-Length"}
    again = request._replace(headers=headers, body=request.body if body is None else body)
    async with raw.dial(s.server.address.host, s.server.address.port) as line:
        return await line.status(again)


def commands_in(requests: list[Request]) -> list[Request]:
    """Those that carry something up in a session.

    A wire that has left its HTTP behind by the first command sent none: then what went before,
    made into requests that do.
    """
    sent = [request for request in requests if request.method == "POST"]
    return sent or [request._replace(method="POST") for request in requests[1:]]


async def test_a_session_that_is_over_is_unknown(wire: Transport) -> None:
    async with stage(wire) as s:
        guest, requests = await overheard(s)
        await guest.close()
        await s.empty()
        in_session = [request for request in requests if request.target != requests[0].target]
        assert in_session
        for request in in_session:
            assert 400 <= await replay(s, request) < 500
        await s.empty()


async def test_a_body_that_is_too_large_is_refused(wire: Transport) -> None:
    async with stage(wire, limits=SMALL) as s:
        bob = await s.connect()
        await bob.joined("hall", "bob")
        _guest, requests = await overheard(s)
        for request in commands_in(requests):
            status = await replay(s, request, b"x" * (SMALL.frame_bytes + 1))
            assert 400 <= status < 500
        await bob.said("hall", "still here")
        await (await s.connect()).joined("hall", "eve")


GARBAGE = {
    "a word": b"garbage",
    "zeros": bytes(100),
    "no UTF-8": b"\xff\xfe\xfd",
    "separators": b"\x1e" * 1000,
    "a packet of no kind": b"9",
    "half an event": b'42["say"',
    "deep nesting": b"42" + b"[" * 20_000,
    "binary that is no base64": b"b!!!!",
    "half a message": b'4:::{"type"',
    "a message nested deeply": b"4:::" + b"[" * 20_000,
    "a length that lies": "\ufffd9\ufffd4:::1".encode(),
    "a length without an end": ("\ufffd" + "9" * 5000).encode(),
    "half a character": "\ufffd5\ufffd4:::👋".encode(),
    "a form of nothing": b"d=",
    "a form of half a string": b"d=%224:::",
}


@pytest.mark.parametrize("body", GARBAGE.values(), ids=list(GARBAGE))
async def test_a_body_of_garbage_troubles_nobody_else(wire: Transport, body: bytes) -> None:
    async with stage(wire) as s:
        bob = await s.connect()
        await bob.joined("hall", "bob")
        _guest, requests = await overheard(s)
        assert commands_in(requests)
        for request in commands_in(requests):
            assert await replay(s, request, body) < 500
        await bob.said("hall", "still here")
        await (await s.connect()).joined("hall", "eve")


async def test_bytes_that_are_no_http_trouble_nobody(wire: Transport) -> None:
    async with stage(wire) as s:
        bob = await s.connect()
        await bob.joined("hall", "bob")
        for sent in (
            b"\0" * 1000,
            b"\x16\x03\x01\x02\x00",
            b"GET\r\n\r\n",
            b"GET / HTTP/9.9\r\n\r\n",
        ):
            async with raw.dial(s.server.address.host, s.server.address.port) as line:
                line.send(sent)
                await bob.said("hall", "still here")
        await s.holds(1)


async def test_a_request_for_nothing_known_is_refused(wire: Transport) -> None:
    async with stage(wire) as s:
        address = s.server.address
        host = {"Host": f"{address.host}:{address.port}"}
        for method, target in (("GET", "/nowhere"), ("POST", "/nowhere"), ("TRACE", "/")):
            async with raw.dial(address.host, address.port) as line:
                assert 400 <= await line.status(Request(method, target, host)) < 500
        await s.empty()
