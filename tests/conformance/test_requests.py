"""Send rare but valid requests to each server, whatever library parses them."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from http import HTTPStatus

import pytest

from lab.chat.limits import Limits
from lab.contract import Capability, Transport
from lab.handshakes.request import Request, handshake
from tests.conformance import raw
from tests.conformance.overheard import openings, overheard, replay, status_of
from tests.conformance.served import QUICK, served
from tests.conformance.smuggling import statuses
from tests.conformance.test_malformed_http import commands_in

pytestmark = pytest.mark.needs(Capability.HTTP_1)

Change = Callable[[Request], Request]

UPGRADED = HTTPStatus.SWITCHING_PROTOCOLS


@pytest.mark.needs(Capability.WEBSOCKET)
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda right: right.having({"Upgrade": "h2c, websocket"}), id="the second"),
        pytest.param(lambda right: right.having({"Upgrade": "WebSocket,h2c"}), id="the first"),
        pytest.param(lambda right: right.repeating("Upgrade", "h2c"), id="in two fields"),
        pytest.param(
            lambda right: right.having({"Connection": "keep-alive, Upgrade"}), id="kept alive"
        ),
    ],
)
async def test_websocket_is_one_of_the_protocols_offered(
    transport: Transport, change: Change
) -> None:
    """RFC 9110 section 7.8, RFC 6455 section 4.2.1."""
    async with served(transport) as s:
        url = s.server.address.websocket_url
        assert url is not None
        assert await status_of(s, change(handshake(url)).encode()) == UPGRADED


@pytest.mark.needs(Capability.ENGINE_IO)
@pytest.mark.parametrize(
    "query, status",
    [
        pytest.param("EIO=4&EIO=3", 200, id="the first counts"),
        pytest.param("EIO=3&EIO=4", 400, id="the second does not"),
        pytest.param("EIO=&EIO=4", 200, id="an empty one is absent"),
        pytest.param("EIO=4&sid=", 200, id="an empty session is none"),
        pytest.param("EIO=4&sid", 200, id="a name alone is empty"),
        pytest.param("EIO=4&j=", 200, id="no JSONP"),
        pytest.param("&&EIO=4&", 200, id="nothing between"),
        pytest.param("E%49O=4", 200, id="an encoded name"),
        pytest.param("EIO=4&sid=&sid=x", 400, id="a session that is unknown"),
        pytest.param("EIO=", 400, id="no version"),
    ],
)
async def test_the_first_non_empty_value_of_a_repeated_parameter_counts(
    transport: Transport, query: str, status: int
) -> None:
    async with served(transport) as s:
        for right, right_status in await openings(s):
            if right_status == UPGRADED and status != HTTPStatus.OK:
                continue  # a library may say so in a close frame
            carried = "websocket" if right_status == UPGRADED else "polling"
            for asked in (carried, f"{carried}&transport=pigeon", f"&transport={carried}"):
                target = f"/socket.io/?{query}&transport={asked}"
                expected = right_status if status == HTTPStatus.OK else status
                assert await status_of(s, right._replace(target=target).encode()) == expected


@pytest.mark.needs(Capability.HTTP_SESSION)
async def test_a_session_may_use_http_1_0(transport: Transport) -> None:
    """The version that a proxy uses upstream by default (RFC 9112 sections 6.1 and 6.3)."""
    async with served(transport) as s:
        request, status = (await openings(s))[-1]
        async with raw.dial(s.server.address.host, s.server.address.port) as connection:
            connection.send(request._replace(version="1.0").encode())
            said = await connection.rest()
        assert statuses(said) == [status]
        assert b"transfer-encoding" not in said.lower()


HALVES = {
    "nothing": b"",
    "half a request line": b"GET / HT",
    "half a head": b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ",
    "half a body": b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n1",
    "half a chunk": b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n9",
}


@pytest.mark.parametrize("begun", HALVES.values(), ids=list(HALVES))
async def test_an_unfinished_request_is_given_up(transport: Transport, begun: bytes) -> None:
    async with served(transport, heartbeat=QUICK, request_timeout_s=0.2) as s:
        async with raw.dial(s.server.address.host, s.server.address.port) as connection:
            connection.send(begun)
            assert all(400 <= status < 500 for status in statuses(await connection.rest()))
        await s.empty()


@pytest.mark.needs(Capability.HTTP_SESSION)
async def test_half_a_command_is_given_up(transport: Transport) -> None:
    async with served(transport, heartbeat=QUICK, request_timeout_s=0.2) as s:
        _client, requests = await overheard(s)
        for request in commands_in(requests):
            half = request.having({"Content-Length": str(len(request.body) + 1)})
            async with raw.dial(s.server.address.host, s.server.address.port) as connection:
                connection.send(half.encode())
                assert all(400 <= status < 500 for status in statuses(await connection.rest()))


@pytest.mark.needs(Capability.HTTP_SESSION)
async def test_a_kept_alive_connection_may_idle_longer(transport: Transport) -> None:
    async with served(transport, request_timeout_s=0.1) as s:
        request, status = (await openings(s))[-1]
        async with raw.dial(s.server.address.host, s.server.address.port) as idle:
            assert await idle.status(request) == status
            await idle.body()
            # What is given up meanwhile was begun later.
            async with raw.dial(s.server.address.host, s.server.address.port) as connection:
                connection.send(HALVES["half a head"])
                await connection.rest()
            assert await idle.status(request) == status


BOMB = gzip.compress(bytes(8 * 1024 * 1024))
CODED = {
    "a bomb": ("gzip", BOMB),
    "a bomb in a bomb": ("gzip, gzip", gzip.compress(BOMB)),
    "deflate": ("deflate", zlib.compress(b"1")),
    "no gzip": ("gzip", b"garbage"),
    "half of one": ("gzip", BOMB[:100]),
    "no coding that there is": ("x-none", b"1"),
}


@pytest.mark.needs(Capability.HTTP_SESSION)
@pytest.mark.parametrize("coding, body", CODED.values(), ids=list(CODED))
async def test_a_coded_body_is_not_decompressed(
    transport: Transport, coding: str, body: bytes
) -> None:
    async with served(transport, limits=Limits(frame_bytes=64 * 1024)) as s:
        _client, requests = await overheard(s)
        for request in commands_in(requests):
            coded = request.having({"Content-Encoding": coding})
            assert await replay(s, coded, body) == HTTPStatus.UNSUPPORTED_MEDIA_TYPE
