"""Check which pages may connect, on each transport for browsers: the same host, or a list."""

from __future__ import annotations

import pytest

from lab.contract import Capability, Transport
from tests.conformance.served import ServedTransport, served

pytestmark = pytest.mark.needs(Capability.ORIGIN)

LISTED = "https://chat.example"


async def refused(s: ServedTransport, origin: str) -> None:
    """Check that a page of `origin` is refused, and leaves no session."""
    with pytest.raises(OSError):
        await s.connect(headers={"Origin": origin})
    await s.empty()


async def let_in(s: ServedTransport, headers: dict[str, str]) -> None:
    """Check that a client with these headers can join."""
    client = await s.connect(headers=headers)
    await client.joined("den", f"guest {len(s.clients)}")


def own_origin(s: ServedTransport) -> str:
    """The origin of a page that the server itself serves."""
    address = s.server.address
    return f"http{'s' if address.is_tls else ''}://{address.host}:{address.port}"


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://127.0.0.1:1",
        "http://127.0.0.1",
        "null",
        "garbage",
    ],
)
async def test_a_foreign_page_is_refused(transport: Transport, origin: str) -> None:
    async with served(transport) as s:
        await refused(s, origin)


async def test_a_page_with_a_similar_host_name_is_refused(transport: Transport) -> None:
    async with served(transport) as s:
        await refused(s, f"{own_origin(s)}.evil.example")
        await refused(s, own_origin(s).replace("://", "://evil.example@"))


async def test_a_page_of_the_same_host_is_admitted(transport: Transport) -> None:
    async with served(transport) as s:
        await let_in(s, {"Origin": own_origin(s)})


async def test_a_client_without_an_origin_is_admitted(transport: Transport) -> None:
    async with served(transport) as s, served(transport, origins=(LISTED,)) as strict:
        await let_in(s, {})
        await let_in(strict, {})


async def test_with_a_list_only_the_list_counts(transport: Transport) -> None:
    async with served(transport, origins=(LISTED,)) as s:
        await refused(s, "https://evil.example")
        await refused(s, f"{LISTED}.evil.example")
        await refused(s, LISTED.replace("https", "http"))
        await refused(s, own_origin(s))
        await let_in(s, {"Origin": LISTED})
