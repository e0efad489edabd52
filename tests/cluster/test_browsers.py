"""Two pages in Chromium at two nodes behind a proxy: one node is killed, and nothing is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lab.cluster.cluster import Cluster, Plan, running_cluster
from lab.cluster.nodes import Node
from lab.cluster.programs import missing
from lab.cluster.proxies import CONFIGURATIONS, Proxy
from lab.interop.chromium import chromium, chromium_unavailable
from lab.interop.pages import BUNDLE
from tests.cluster.test_joined import needs_all
from tests.interop.conftest import needs
from tests.page.web import until
from transports._node.versions import unavailable as node_unavailable

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

LEASE_S = 2
PAGES = 10
"""So many may come to one node before the proxy counts as one that knows no other."""
MEMBER = Path(__file__).with_name("member.js")


class InPage:
    """A member in a page of its own browser profile."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def say(self, *texts: str) -> None:
        """Say the texts one after the other, and don't wait for their replies."""
        await self.page.evaluate("(texts) => texts.forEach(me.say)", list(texts))

    async def is_inside(self) -> bool:
        return bool(await self.page.evaluate("me.inside"))

    async def got(self) -> list[dict[str, Any]]:
        """The events that have come, in their order."""
        events: list[dict[str, Any]] = await self.page.evaluate("me.got")
        return events

    async def texts(self) -> list[str]:
        return [event["text"] for event in await self.got() if event["type"] == "message"]

    async def said(self) -> dict[str, int]:
        """Text -> the number in its reply."""
        replies = await self.page.evaluate("me.said")
        return {reply["text"]: reply["seq"] for reply in replies}


async def entered(browser: Browser, url: str, name: str) -> InPage:
    """A page of the proxy's own origin: what the proxy asks it to keep, it keeps."""
    page = await (await browser.new_context()).new_page()
    await page.goto(url)
    await page.add_script_tag(path=BUNDLE)
    await page.add_script_tag(path=MEMBER)
    await page.evaluate("(name) => { window.me = member(name); }", name)
    found = InPage(page)
    await until(found.is_inside)
    return found


async def members_at(cluster: Cluster) -> list[int]:
    counts = [await node.counts() for node in cluster.nodes]
    return [0 if it is None else it.members or 0 for it in counts]


@asynccontextmanager
async def at_two_nodes(
    cluster: Cluster, browser: Browser
) -> AsyncIterator[tuple[InPage, InPage, Node]]:
    """Two members at different nodes, and the second one's node. The proxy chooses the nodes."""
    assert cluster.url is not None

    async def is_alone() -> bool:
        return sum(await members_at(cluster)) == 1

    ada = await entered(browser, cluster.url, "ada")
    before = await members_at(cluster)
    for _ in range(PAGES):
        bob = await entered(browser, cluster.url, "bob")
        after = await members_at(cluster)
        if max(after) == 1:
            (place,) = (number for number in range(len(after)) if after[number] > before[number])
            yield ada, bob, cluster.nodes[place]
            return
        await bob.page.context.close()
        await until(is_alone)
    raise AssertionError("the proxy leads every page to one node")


@pytest.mark.parametrize("proxy", CONFIGURATIONS)
async def test_two_pages_go_on_when_the_node_of_one_is_killed(proxy: Proxy) -> None:
    needs_all("socketio")
    needs(missing(proxy) or chromium_unavailable() or node_unavailable("socket.io-client"))
    plan = Plan("socketio", 3, proxy, joined=True, lease_s=LEASE_S)
    async with (
        running_cluster(plan) as cluster,
        chromium() as browser,
        at_two_nodes(cluster, browser) as (ada, bob, node),
    ):

        async def all_have(count: int) -> bool:
            return [len(await it.texts()) for it in (ada, bob)] == [count, count]

        await ada.say("one", "two")
        await bob.say("three")
        await until(lambda: all_have(3))
        node.kill()
        await node.ended()
        await ada.say("bob is away", "still")
        await bob.say("said without a node", "and another")
        await until(lambda: all_have(7))
        await until(bob.is_inside)
        await ada.say("the last but one")
        await bob.say("the last")
        await until(lambda: all_have(9))

        async def all_answered() -> bool:
            return [len(await it.said()) for it in (ada, bob)] == [5, 4]

        await until(all_answered)
        events = await ada.got()
        numbers = [event["seq"] for event in events]
        assert numbers == [*range(1, len(events) + 1)], "nothing is lost, and nothing came twice"
        assert await bob.got() == events
        first = [it["type"] for it in events].index("message")
        departed = [it for it in events[first:] if it["type"] == "departed"]
        assert [(it["name"], it["why"]) for it in departed] == [("bob", "lost")]
        posted = {it["text"]: it["seq"] for it in events if it["type"] == "message"}
        assert await ada.said() | await bob.said() == posted
