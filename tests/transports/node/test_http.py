"""Check requests in Node before a library handles them.

The server accepts what RFC 9110 and RFC 9112 allow, and answers 400 to the rest. The requests are
those that open a session or a WebSocket, with one change.
"""

from __future__ import annotations

import operator
from collections.abc import Callable

import pytest

from lab.contract import Address, Capability, Transport
from lab.handshakes.request import Request, handshake
from tests.conformance import raw
from tests.conformance.overheard import overheard
from tests.conformance.served import ServedTransport, served
from tests.transports.needs_node import needs_node
from transports import registry

TRANSPORTS = [registry.load(name) for name in registry.NODE if registry.unavailable(name) is None]
SESSIONS = [
    transport for transport in TRANSPORTS if Capability.HTTP_SESSION in transport.capabilities
]
WEBSOCKETS = [
    transport for transport in TRANSPORTS if Capability.WEBSOCKET in transport.capabilities
]
WRITTEN = operator.attrgetter("name")

pytestmark = needs_node

Change = Callable[[Request], Request]


async def status_of(address: Address, request: Request) -> int:
    """Send a request on its own connection. Returns the status of the answer."""
    async with raw.dial(address.host, address.port) as connection:
        return await connection.status(request)


async def opening(s: ServedTransport) -> tuple[Request, int]:
    """A request by which a client begins, and the status of its answer."""
    url = s.server.address.websocket_url
    if url is not None:
        return handshake(url), 101
    client, requests = await overheard(s)
    await client.close()
    return requests[0], 200


def in_absolute_form(right: Request) -> Request:
    """The request with its target in absolute form (RFC 9112 section 3.2.2)."""
    return right._replace(target=f"http://{right.headers['Host']}{right.target}")


@pytest.mark.parametrize("transport", TRANSPORTS, ids=WRITTEN)
async def test_a_target_in_absolute_form_is_accepted(transport: Transport) -> None:
    async with served(transport) as s:
        request, status = await opening(s)
        assert await status_of(s.server.address, in_absolute_form(request)) == status


@pytest.mark.parametrize("transport", TRANSPORTS, ids=WRITTEN)
@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(lambda right: right.repeating("Host", right.headers["Host"]), id="Host twice"),
        pytest.param(lambda right: right.repeating("Host", "a.example"), id="another Host too"),
        pytest.param(lambda right: right.having({"Host": "a b"}), id="a space in Host"),
        pytest.param(lambda right: right.having({"Host": "a/b"}), id="a path in Host"),
        pytest.param(lambda right: right.having({"Host": "a@b"}), id="a user in Host"),
        pytest.param(lambda right: right.without("Host"), id="no Host"),
    ],
)
async def test_a_request_has_one_host(transport: Transport, wrong: Change) -> None:
    async with served(transport) as s:
        request, _status = await opening(s)
        assert await status_of(s.server.address, wrong(request)) == 400
        await s.empty()


@pytest.mark.parametrize("transport", WEBSOCKETS, ids=WRITTEN)
@pytest.mark.parametrize(
    "offer",
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
    transport: Transport, offer: Change
) -> None:
    async with served(transport) as s:
        url = s.server.address.websocket_url
        assert url is not None
        assert await status_of(s.server.address, offer(handshake(url))) == 101


@pytest.mark.parametrize("transport", SESSIONS, ids=WRITTEN)
async def test_an_offer_of_http_2_is_ignored(transport: Transport) -> None:
    offer = {
        "Connection": "Upgrade, HTTP2-Settings",
        "Upgrade": "h2c",
        "HTTP2-Settings": "AAMAAABk",
    }
    async with served(transport) as s:
        client, requests = await overheard(s)
        await client.close()
        assert await status_of(s.server.address, requests[0].having(offer)) == 200


@pytest.mark.parametrize("transport", TRANSPORTS, ids=WRITTEN)
async def test_a_tls_handshake_ends_the_connection(transport: Transport) -> None:
    hello = bytes.fromhex("16030100c8010000c40303") + bytes(194)
    async with served(transport) as s:
        async with raw.dial(s.server.address.host, s.server.address.port) as connection:
            connection.send(hello)
            await connection.rest()
        await s.empty()


@pytest.mark.parametrize("transport", SESSIONS, ids=WRITTEN)
async def test_offers_on_a_kept_alive_connection_are_ignored_each_time(
    transport: Transport,
) -> None:
    async with served(transport) as s:
        client, requests = await overheard(s)
        opened = requests[0].having({"Connection": "Upgrade", "Upgrade": "h2c"})
        async with raw.dial(s.server.address.host, s.server.address.port) as connection:
            for _ in range(20):
                assert await connection.status(opened) == 200
                await connection.body()
        await client.said("den", "still here")


@pytest.mark.parametrize("transport", SESSIONS, ids=WRITTEN)
@pytest.mark.parametrize(
    ("query", "status"),
    [
        pytest.param("EIO=4&EIO=3&transport=polling", 200, id="the first counts"),
        pytest.param("EIO=3&EIO=4&transport=polling", 400, id="the second does not"),
        pytest.param("EIO=&EIO=4&sid=&transport=polling", 200, id="an empty one is absent"),
        pytest.param("EIO=4&transport=polling&sid=&sid=x", 400, id="an unknown session"),
    ],
)
async def test_empty_or_repeated_parameters(transport: Transport, query: str, status: int) -> None:
    async with served(transport) as s:
        host = {"Host": f"{s.server.address.host}:{s.server.address.port}"}
        request = Request("GET", f"/socket.io/?{query}", host)
        assert await status_of(s.server.address, request) == status


@pytest.mark.parametrize("transport", SESSIONS, ids=WRITTEN)
@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "OPTIONS"])
async def test_a_method_that_a_session_does_not_know_is_refused(
    transport: Transport, method: str
) -> None:
    async with served(transport) as s:
        _client, requests = await overheard(s)
        in_session = [request for request in requests if request.target != requests[0].target]
        assert await status_of(s.server.address, in_session[0]._replace(method=method)) == 405


@pytest.mark.parametrize("transport", TRANSPORTS, ids=WRITTEN)
@pytest.mark.parametrize(
    "begun",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"POST /socket.io/ HTTP/1.1\r\nHost: a", id="half a head"),
        pytest.param(
            b"POST /socket.io/ HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n1", id="half a body"
        ),
    ],
)
async def test_an_unfinished_request_is_given_up(transport: Transport, begun: bytes) -> None:
    async with (
        served(transport, request_timeout_s=0.5) as s,
        raw.dial(s.server.address.host, s.server.address.port) as connection,
    ):
        connection.send(begun)
        await connection.rest()
