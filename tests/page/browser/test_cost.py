"""What a chat costs, in the page: asked, computed by the server, in two languages."""

from __future__ import annotations

import pytest

from lab.cost.model import STACKS
from tests.page.browser.conftest import Visit

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_cost_is_asked_for_and_shown_with_its_arithmetic(visit: Visit) -> None:
    # The browser itself notes on its console that a plan was refused with 400.
    ada = await visit(breaks=True)
    tab = ada.tab
    await tab.get_by_role("link", name="Cost", exact=True).click()
    await tab.get_by_label("Users at the same time").fill("1000")
    await tab.get_by_label("Rooms", exact=True).fill("10")
    await tab.get_by_label("Messages a second").fill("5")
    await tab.get_by_label("Whose rate").select_option("into each room")
    await tab.get_by_role("button", name="Compute").click()
    steps = tab.locator(".cost-steps")
    await steps.get_by_text("Messages a second = 10 rooms × 5 = 50").wait_for()
    assert await steps.get_by_text(
        "Deliveries a second = 50 messages × 100 members = 5,000"
    ).count()
    rows = await tab.locator(".cost-table tbody th").all_inner_texts()
    assert rows == [name for block in STACKS.values() for name in block.transports.values()]
    await steps.get_by_text("websocket", exact=True).click()
    await steps.locator("details[open]").get_by_text("Memory = 1,000 users × ").wait_for()

    await tab.get_by_label("Rooms", exact=True).fill("1001")
    await tab.get_by_role("button", name="Compute").click()
    await tab.get_by_role("alert").get_by_text("Rooms: a number from 1 to 1,000.").wait_for()
    assert await tab.locator(".cost-table").count() == 0

    await tab.get_by_label("Language").select_option("ko")
    await tab.get_by_label("방", exact=True).fill("10")
    await tab.get_by_role("button", name="계산").click()
    await steps.get_by_text("초당 메시지 = 방 10개 × 5 = 50").wait_for()
