"""The page chats over WebTransport in Chromium, and says so in one sentence where it can't."""

from __future__ import annotations

from functools import partial

import pytest

from lab.page.transports import survey
from tests.page.browser.conftest import Visit
from tests.page.web import Person, talk, until

pytestmark = pytest.mark.asyncio(loop_scope="module")

NAMES = [info.name for info in survey() if info.available and info.webtransport]
OLD = "delete globalThis.WebTransport"


async def is_alone(person: Person) -> bool:
    """Whether nobody else is in the room."""
    return await person.tab.locator(".members li").count() == 1


@pytest.mark.parametrize("transport", NAMES)
async def test_people_talk_over_webtransport_and_leave(visit: Visit, transport: str) -> None:
    ada, bob = await visit(), await visit()
    await ada.tab.get_by_text("More transports").click()
    await ada.enter("ada", transport, transport)  # a room has what was said in it before
    await bob.enter("bob", "websocket", transport)
    await talk(ada, bob)
    await ada.tab.close()
    await until(partial(is_alone, bob))


@pytest.mark.parametrize("transport", NAMES)
async def test_an_old_browser_says_so(visit: Visit, transport: str) -> None:
    eve = await visit()
    await eve.tab.add_init_script(OLD)
    await eve.tab.reload()
    await eve.tab.get_by_text("More transports").click()
    await eve.knock("eve", transport, "quic")
    await eve.tab.get_by_text("this browser has no WebTransport").first.wait_for()
