"""Check the finer rules of HTTP/1.1 for servers, by RFC 9110 and RFC 9112.

The requests are those by which a client begins: an opening handshake, or the first request of a
session.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus

import pytest

from lab.contract import Capability, Transport
from lab.handshakes.request import Request
from tests.conformance import raw
from tests.conformance.overheard import openings, status_of
from tests.conformance.served import QUICK, ServedTransport, served
from tests.conformance.smuggling import statuses

pytestmark = pytest.mark.needs(Capability.HTTP_1, Capability.OWN_HTTP)

Change = Callable[[Request], Request]

CONTINUE = HTTPStatus.CONTINUE
FOREIGN = "http://chat.example"


async def ends_with(s: ServedTransport, data: bytes) -> list[int]:
    """The statuses of all answers to these bytes, until the server ends the connection."""
    async with raw.dial(s.server.address.host, s.server.address.port) as connection:
        connection.send(data)
        return statuses(await connection.rest())


def absolute(right: Request, host: str) -> Request:
    """The request with its target in absolute form (RFC 9112 section 3.2.2)."""
    return right._replace(target=f"http://{host}{right.target}")


async def test_empty_lines_before_a_request_are_ignored(transport: Transport) -> None:
    """RFC 9112 section 2.2."""
    async with served(transport) as s:
        for request, status in await openings(s):
            for count in (1, 2, 50):
                assert await status_of(s, b"\r\n" * count + request.encode()) == status


async def test_a_target_may_be_absolute(transport: Transport) -> None:
    async with served(transport) as s:
        for request, status in await openings(s):
            host = request.headers["Host"]
            assert await status_of(s, absolute(request, host).encode()) == status


@pytest.mark.needs(Capability.ORIGIN)
async def test_the_host_of_an_absolute_target_counts(transport: Transport) -> None:
    async with served(transport, hosts=(FOREIGN.removeprefix("http://"),)) as s:
        for request, status in await openings(s):
            page = request.having({"Origin": FOREIGN})
            there = absolute(page, FOREIGN.removeprefix("http://"))
            assert await status_of(s, there.encode()) == status
            here = absolute(page.having({"Host": "chat.example"}), request.headers["Host"])
            assert 400 <= await status_of(s, here.encode()) < 500


async def test_a_withheld_body_is_requested_at_once(transport: Transport) -> None:
    """RFC 9110 section 10.1.1."""
    async with served(transport) as s:
        for request, status in await openings(s):
            withheld = request.having({"Expect": "100-Continue", "Content-Length": "5"})
            async with raw.dial(s.server.address.host, s.server.address.port) as connection:
                assert await connection.status(withheld) == CONTINUE
                connection.send(b"hello")
                assert await connection.answered() == status


async def test_a_body_that_has_arrived_is_not_requested(transport: Transport) -> None:
    async with served(transport) as s:
        for request, status in await openings(s):
            sent = request.having({"Expect": "100-continue"})._replace(body=b"hello")
            assert await status_of(s, sent.encode()) == status


@pytest.mark.parametrize(
    "first",
    [
        pytest.param(bytes.fromhex("16030100c8010000c40303") + bytes(194), id="a TLS ClientHello"),
        pytest.param(b"\x16", id="its first byte"),
        pytest.param(b"\x05\x01\x00", id="SOCKS"),
        pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n", id="SSH"),
        pytest.param(b"EHLO localhost\r\n", id="SMTP"),
        pytest.param(b"GET / HTTP/1.1\n", id="a line feed"),
        pytest.param(b"\0", id="a NUL"),
    ],
)
async def test_bytes_that_cannot_begin_a_request_are_refused_at_once(
    transport: Transport, first: bytes
) -> None:
    async with served(transport) as s:
        assert await ends_with(s, first) == [400]


@pytest.mark.needs(Capability.HTTP_SESSION)
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda right: right.having({"Connection": "close"}), id="close"),
        pytest.param(lambda right: right.having({"Connection": "Keep-Alive, Close"}), id="a list"),
        pytest.param(lambda right: right._replace(version="1.0"), id="HTTP/1.0"),
        pytest.param(
            lambda right: right.having({"Connection": "close"})._replace(method="OPTIONS"),
            id="OPTIONS",
        ),
    ],
)
async def test_the_last_answer_of_a_connection_has_a_close_header(
    transport: Transport, change: Change
) -> None:
    """RFC 9112 section 9.6: otherwise a client sends its next request to a closed connection."""
    async with served(transport) as s:
        request, status = (await openings(s))[-1]
        async with raw.dial(s.server.address.host, s.server.address.port) as connection:
            connection.send(change(request).encode())
            said = await connection.rest()
        assert statuses(said) == [status]
        assert b"\r\nconnection: close\r\n" in said.lower()


HALVES = {
    "nothing": (b"", []),
    "an empty line": (b"\r\n", []),
    "half a request line": (b"GET / HT", [408]),
    "half a head": (b"GET / HTTP/1.1\r\nHost: a\r\nX: ", [408]),
    "half a body": (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n1", [408]),
}


@pytest.mark.parametrize("begun, answer", HALVES.values(), ids=list(HALVES))
async def test_an_unfinished_request_is_given_up(
    transport: Transport, begun: bytes, answer: list[int]
) -> None:
    async with served(transport, heartbeat=QUICK, request_timeout_s=0.2) as s:
        assert await ends_with(s, begun) == answer


@pytest.mark.parametrize(
    "begun, more",
    [
        pytest.param(b"GET / HTTP/1.1\r\nX: ", b"x", id="a head"),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n", b"x", id="a body"
        ),
        pytest.param(b"", b"\r\n", id="empty lines"),
    ],
)
async def test_an_endless_request_is_given_up(
    transport: Transport, begun: bytes, more: bytes
) -> None:
    async with (
        served(transport, heartbeat=QUICK, request_timeout_s=0.2) as s,
        raw.dial(s.server.address.host, s.server.address.port) as connection,
    ):
        connection.send(begun)
        ended = asyncio.ensure_future(connection.rest())
        while not ended.done():
            connection.send(more)
            await asyncio.wait([ended], timeout=0.02)
        await ended


@pytest.mark.needs(Capability.HTTP_SESSION)
@pytest.mark.parametrize("name", [name for name, (_, answer) in HALVES.items() if answer])
async def test_half_a_request_after_another_is_given_up(transport: Transport, name: str) -> None:
    async with served(transport, heartbeat=QUICK, request_timeout_s=0.2) as s:
        request, status = (await openings(s))[-1]
        begun, answer = HALVES[name]
        assert await ends_with(s, request.encode() + begun) == [status, *answer]
