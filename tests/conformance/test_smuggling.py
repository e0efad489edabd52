"""Refuse requests that two HTTP parsers may read differently, so that none hides in another.

The project's own parser answers each case with one refusal, and ends the connection. A library may
hang up without an answer, or be more lenient. But it never loses its place: on a connection that
stays open, each request gets one answer.
"""

from __future__ import annotations

import pytest

from lab.contract import Address, Capability, Transport, netloc
from lab.handshakes.opening import opening_of
from lab.handshakes.request import Request
from tests.conformance import raw
from tests.conformance.served import served
from tests.conformance.smuggling import CASES, SIZE, SMUGGLED, Case, field, statuses

pytestmark = pytest.mark.needs(Capability.HTTP_1)

SENTINEL = b"GET /sentinel HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


async def answers(address: Address, sent: bytes, first: str = "GET") -> list[int]:
    """The statuses of all responses until the connection ends; see `statuses`."""
    async with raw.dial(address.host, address.port) as connection:
        connection.send(sent)
        return statuses(await connection.rest(), first)


@pytest.mark.needs(Capability.OWN_HTTP)
async def test_the_unchanged_request_is_answered(transport: Transport) -> None:
    async with served(transport) as s:
        address = s.server.address
        opening = (await opening_of(transport, address)).request
        for sent in (field(b"X: a", b""), field(b"Content-Length: %d" % SIZE, SMUGGLED)):
            async with raw.dial(address.host, address.port) as connection:
                connection.send(sent(opening))
                assert await connection.answered() in (101, 200)


@pytest.mark.needs(Capability.OWN_HTTP)
@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
async def test_an_ambiguous_request_is_refused_and_the_connection_ends(
    transport: Transport, case: Case
) -> None:
    async with served(transport) as s:
        opening = (await opening_of(transport, s.server.address)).request
        (status,) = await answers(s.server.address, case(opening))
        assert 400 <= status < 500 or status == 505
        await s.empty()


async def test_every_request_has_one_answer(transport: Transport) -> None:
    async with served(transport) as s:
        address = s.server.address
        asked = Request("GET", "/nowhere", {"Host": netloc(address.host, address.port)})
        astray: dict[str, list[int]] = {}
        for name, case in CASES.items():
            found = await answers(address, case(asked) + SENTINEL)
            refused = len(found) < 2 and all(status >= 400 for status in found)
            if not refused and len(found) != 2:
                astray[name] = found
        assert astray == {}


@pytest.mark.needs(Capability.OWN_HTTP)
async def test_the_answer_to_a_head_has_no_body(transport: Transport) -> None:
    async with served(transport) as s:
        address = s.server.address
        asked = Request("HEAD", "/nowhere", {"Host": netloc(address.host, address.port)})
        for sent in (asked.encode(), asked.having({"X(Y)": "1"}).encode()):
            found = await answers(address, sent + SENTINEL, "HEAD")
            assert 1 <= len(found) <= 2
            assert found[0] >= 400
