"""Check the Hosts and the pages that a server admits, for each kind of first request.

The Host must be one of the server's own: another site may let its name point to this server (DNS
rebinding), and its page then has the same host.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lab.contract import Capability, Transport
from lab.handshakes.request import Request
from tests.conformance.overheard import openings, replay
from tests.conformance.served import ServedTransport, served

pytestmark = pytest.mark.needs(Capability.HTTP_1, Capability.ORIGIN)

LET_IN = {200, 101}


async def statuses(s: ServedTransport, change: Callable[[Request], Request]) -> set[int]:
    """The statuses of the answers to each kind of first request, with a change."""
    return {await replay(s, change(request)) for request, _ in await openings(s)}


async def asked_by(s: ServedTransport, **headers: str) -> set[int]:
    """The statuses for requests with these fields; an underscore stands for a hyphen."""
    said = {name.replace("_", "-"): value for name, value in headers.items()}
    return await statuses(s, lambda request: request.having(said))


OWN = [
    "127.0.0.1:{}",
    "localhost:{}",
    "c7.bench.localhost:{}",
    "LocalHost.:{}",
    "[::1]:{}",
    "[0:0:0:0:0:0:0:1]",
    "localhost",
]


OTHERS = ["evil.example:{}", "evil.example", "localhost.evil.example:{}", "192.0.2.1:{}"]


async def test_only_names_of_this_machine_are_admitted(
    transport: Transport, subtests: pytest.Subtests
) -> None:
    async with served(transport) as s:
        for pattern in OWN + OTHERS:
            with subtests.test(pattern):
                host = pattern.format(s.server.address.port)
                found = await asked_by(s, Host=host)
                found |= await asked_by(s, Host=host, Origin=f"http://{host}")
                assert found <= (LET_IN if pattern in OWN else {421})


async def test_the_host_of_an_absolute_target_counts(transport: Transport) -> None:
    def towards(authority: str) -> Callable[[Request], Request]:
        return lambda asked: asked._replace(target=f"http://{authority}{asked.target}")

    async with served(transport) as s:
        assert await statuses(s, towards("evil.example")) == {421}
        assert await statuses(s, towards("somebody@localhost")) == {400}


async def test_more_names_can_be_allowed(transport: Transport) -> None:
    async with served(transport, hosts=("chat.example",)) as s:
        assert await asked_by(s, Host="chat.example") <= LET_IN
        assert await asked_by(s, Host="Chat.Example:8000") <= LET_IN
        assert await asked_by(s, Host="chat.example.evil.example") == {421}


async def test_a_listed_page_is_admitted_under_any_host(transport: Transport) -> None:
    async with served(transport, origins=("https://page.example",)) as s:
        asked = {"Host": "inner:8000", "Origin": "https://page.example"}
        assert await asked_by(s, **asked) <= LET_IN
        # Without the page there is nothing to know it by: a poll of one's own host has no Origin.
        assert await asked_by(s, Host="inner:8000") == {421}


MALFORMED: dict[str, Callable[[Request], Request]] = {
    "none": lambda asked: asked.without("Host"),
    "two": lambda asked: asked.repeating("Host", asked.headers["Host"]),
    "two that differ": lambda asked: asked.repeating("Host", "evil.example"),
    "empty": lambda asked: asked.having({"Host": ""}),
    "a port alone": lambda asked: asked.having({"Host": ":80"}),
    "no port": lambda asked: asked.having({"Host": "localhost:x"}),
    "a port too large": lambda asked: asked.having({"Host": "localhost:65536"}),
    "userinfo": lambda asked: asked.having({"Host": "somebody@localhost"}),
    "a path": lambda asked: asked.having({"Host": "localhost/"}),
    "a list": lambda asked: asked.having({"Host": "localhost, localhost"}),
    "a space": lambda asked: asked.having({"Host": "local host"}),
    "half an IPv6 address": lambda asked: asked.having({"Host": "[::1"}),
    "an IPv6 address without brackets": lambda asked: asked.having({"Host": "::1"}),
    "two Origins": lambda asked: asked.having({"Origin": "null", "origin": "null"}),
}


async def test_a_malformed_host_is_a_bad_request(
    transport: Transport, subtests: pytest.Subtests
) -> None:
    async with served(transport) as s:
        for what, change in MALFORMED.items():
            with subtests.test(what):
                assert await statuses(s, change) == {400}


async def test_a_proxy_may_end_tls(transport: Transport) -> None:
    async with served(transport, hosts=("chat.example",)) as s:
        assert await asked_by(s, Host="chat.example", Origin="https://chat.example") <= LET_IN
        assert await asked_by(s, Host="chat.example:443", Origin="https://chat.example") <= LET_IN
        assert await asked_by(s, Host="chat.example:8000", Origin="https://chat.example") == {403}
        assert await asked_by(s, Host="chat.example", Origin="ftp://chat.example") == {403}


@pytest.mark.parametrize(
    "forwarded",
    [{"X_Forwarded_Host": "chat.example"}, {"Forwarded": "host=chat.example;proto=https"}],
    ids=["X-Forwarded-Host", "Forwarded"],
)
async def test_a_forwarded_host_counts_only_with_a_trusted_proxy(
    transport: Transport, forwarded: dict[str, str]
) -> None:
    page = {"Origin": "https://chat.example", "X_Forwarded_Proto": "https", **forwarded}
    async with served(transport, trust_proxy=True) as s:
        assert await asked_by(s, **page) <= LET_IN
        assert await asked_by(s, **{**page, "Origin": "https://evil.example"}) == {403}
        assert await asked_by(s, **page, Host="evil.example") == {421}
    async with served(transport) as s:
        assert await asked_by(s, **page) == {403}
