"""The page chats in packets of msgpack in Chromium, and the inspector reads them."""

from __future__ import annotations

import pytest

from lab.page.transports import survey
from tests.page.browser.conftest import Visit
from tests.page.web import Served, talk

pytestmark = pytest.mark.asyncio(loop_scope="module")

NAMES = [info.name for info in survey() if info.available and info.msgpack]
PARSER = "socket.io-msgpack-parser"
FETCHED = f"""() => performance.getEntriesByType("resource")
  .filter(({{ name }}) => name.includes("{PARSER}")).length"""


@pytest.mark.parametrize("transport", NAMES)
async def test_people_talk_in_msgpack_and_the_inspector_reads_it(
    served: Served, visit: Visit, transport: str
) -> None:
    ada, bob = await visit(viewport={"width": 1600, "height": 900}), await visit()
    await ada.enter("ada", transport, transport)  # a room has what was said in it before
    line = served.line(transport)
    await bob.enter("bob", transport, transport)
    await ada.tab.locator(".inspector .records").wait_for()
    await talk(ada, bob)

    await ada.tab.locator(".record", has_text="say “from ada”").first.click()
    opened = ada.tab.locator(".record-detail")
    await opened.get_by_text("from ada").first.wait_for()
    assert "in msgpack" in await opened.inner_text()
    assert line.counters().undecoded_bytes == 0
    assert await ada.tab.evaluate(FETCHED) == 1


async def test_who_joins_on_another_transport_does_not_fetch_the_parser(visit: Visit) -> None:
    eve = await visit()
    await eve.enter("eve", "socketio-websocket", "in JSON")
    assert await eve.tab.evaluate(FETCHED) == 0
