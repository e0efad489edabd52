"""Which pages may connect, on each wire that browsers can reach: the same host, or a list."""

from __future__ import annotations

import pytest

from lab.contract import Capability, Transport
from tests.conformance.stage import Stage, stage

pytestmark = pytest.mark.needs(Capability.ORIGIN)

LISTED = "https://chat.example"


async def refused(s: Stage, origin: str) -> None:
    """A page of `origin` does not get in, and leaves nothing behind."""
    with pytest.raises(OSError):
        await s.connect(headers={"Origin": origin})
    await s.empty()


async def let_in(s: Stage, headers: dict[str, str]) -> None:
    """Whoever sends these headers can join."""
    guest = await s.connect(headers=headers)
    await guest.joined("den", f"guest {len(s.guests)}")


def own_origin(s: Stage) -> str:
    """The origin of a page that the stage's server itself would serve."""
    return f"http://{s.server.address.host}:{s.server.address.port}"


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
async def test_a_foreign_page_is_refused(wire: Transport, origin: str) -> None:
    async with stage(wire) as s:
        await refused(s, origin)


async def test_a_page_whose_name_begins_or_ends_like_ours_is_foreign(wire: Transport) -> None:
    async with stage(wire) as s:
        await refused(s, f"{own_origin(s)}.evil.example")
        await refused(s, own_origin(s).replace("://", "://evil.example@"))


async def test_a_page_of_the_same_host_is_let_in(wire: Transport) -> None:
    async with stage(wire) as s:
        await let_in(s, {"Origin": own_origin(s)})


async def test_who_is_no_browser_is_let_in(wire: Transport) -> None:
    async with stage(wire) as s, stage(wire, origins=(LISTED,)) as strict:
        await let_in(s, {})
        await let_in(strict, {})


async def test_with_a_list_the_list_alone_decides(wire: Transport) -> None:
    async with stage(wire, origins=(LISTED,)) as s:
        await refused(s, "https://evil.example")
        await refused(s, f"{LISTED}.evil.example")
        await refused(s, LISTED.replace("https", "http"))
        await refused(s, own_origin(s))
        await let_in(s, {"Origin": LISTED})
