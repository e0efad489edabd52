"""Send malformed HTTP to each transport that uses it for commands: a 4xx, and the server goes on.

The requests are the transport's own. The tests capture a real client's conversation and send it
again with one mistake, so they need not know how a transport writes its requests.
"""

from __future__ import annotations

import pytest

from lab.chat.limits import Limits
from lab.contract import Capability, Transport
from lab.handshakes.request import Request
from tests.conformance import raw
from tests.conformance.overheard import overheard, replay
from tests.conformance.served import served

pytestmark = pytest.mark.needs(Capability.HTTP_1, Capability.HTTP_SESSION)

SMALL = Limits(frame_bytes=64 * 1024)


def commands_in(requests: list[Request]) -> list[Request]:
    """The requests that carry commands in a session.

    A transport that upgrades before its first command has none. Then the earlier requests are made
    into such requests.
    """
    sent = [request for request in requests if request.method == "POST"]
    return sent or [request._replace(method="POST") for request in requests[1:]]


async def test_an_ended_session_is_unknown(transport: Transport) -> None:
    async with served(transport) as s:
        client, requests = await overheard(s)
        await client.close()
        await s.empty()
        in_session = [request for request in requests if request.target != requests[0].target]
        assert in_session
        for request in in_session:
            assert 400 <= await replay(s, request) < 500
        await s.empty()


async def test_a_body_that_is_too_large_is_refused(transport: Transport) -> None:
    async with served(transport, limits=SMALL) as s:
        bob = await s.connect()
        await bob.joined("hall", "bob")
        _client, requests = await overheard(s)
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
async def test_a_body_of_garbage_does_not_affect_others(transport: Transport, body: bytes) -> None:
    async with served(transport) as s:
        bob = await s.connect()
        await bob.joined("hall", "bob")
        _client, requests = await overheard(s)
        assert commands_in(requests)
        for request in commands_in(requests):
            assert await replay(s, request, body) < 500
        await bob.said("hall", "still here")
        await (await s.connect()).joined("hall", "eve")


async def test_bytes_that_are_no_http_do_not_affect_others(transport: Transport) -> None:
    async with served(transport) as s:
        bob = await s.connect()
        await bob.joined("hall", "bob")
        for sent in (
            b"\0" * 1000,
            b"\x16\x03\x01\x02\x00",
            b"GET\r\n\r\n",
            b"GET / HTTP/9.9\r\n\r\n",
        ):
            async with raw.dial(s.server.address.host, s.server.address.port) as connection:
                connection.send(sent)
                await bob.said("hall", "still here")
        await s.holds(1)


async def test_a_request_for_an_unknown_path_is_refused(transport: Transport) -> None:
    async with served(transport) as s:
        address = s.server.address
        host = {"Host": f"{address.host}:{address.port}"}
        for method, target in (("GET", "/nowhere"), ("POST", "/nowhere"), ("TRACE", "/")):
            async with raw.dial(address.host, address.port) as connection:
                assert 400 <= await connection.status(Request(method, target, host)) < 500
        await s.empty()
