"""What the inspector shows: counters that are the relay's own, and the bytes behind each line."""

from __future__ import annotations

import asyncio
import re
from contextlib import AsyncExitStack

import pytest

from lab.chat.commands import Say
from lab.contract import Connection
from lab.page.link import Link
from lab.relay.capture import from_lines
from tests.page.browser.conftest import Visit
from tests.page.web import TRANSPORTS, Person, Served, in_python, until

SPEAKERS = 5
MESSAGES_EACH = 400
SAID = 4
"""How often somebody speaks whose bytes are counted."""

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def counted(person: Person) -> tuple[int, int]:
    """Bytes up and down, as the inspector shows them."""
    shown = await figures(person)
    up, down = (shown[f"Bytes {way}"] for way in ("up", "down"))
    return number(up), number(down)


async def figures(person: Person) -> dict[str, str]:
    """What the inspector counts, by name."""
    found: dict[str, str] = await person.tab.locator(".meter").evaluate(
        """meter => Object.fromEntries([...meter.children].map(figure =>
          [figure.querySelector("dt").textContent, figure.querySelector("dd").textContent]))"""
    )
    return found


def number(shown: str) -> int:
    """`1 234 B`, with a thin space, as a number."""
    return int("".join(filter(str.isdigit, shown)))


async def agree(person: Person, line: Link) -> None:
    """Wait until the inspector shows what the relay has counted, and nothing is under way."""

    async def same() -> bool:
        before = line.traffic
        relayed = (before.up_bytes, before.down_bytes)
        shown = await counted(person)
        after = line.traffic
        return relayed == shown == (after.up_bytes, after.down_bytes)

    await until(same)


async def per_message_agrees(person: Person, line: Link) -> None:
    """Wait until "per message" is the ledger's own figure: all four were said and answered."""

    async def same() -> bool:
        said = line._inspector._ledger.account().spent["message"]
        shown = await figures(person)
        each = [number(shown[f"{way} per message"]) for way in "↑↓" if said.count == SAID]
        exact = [way.total / SAID for way in (said.cost.up, said.cost.down)]
        # Shown in whole bytes.
        return bool(each) and all(abs(a - b) <= 0.5 for a, b in zip(each, exact, strict=True))

    await until(same)


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_the_bytes_shown_are_those_that_the_relay_counted(
    served: Served, visit: Visit, transport: str
) -> None:
    room = f"counted on {transport}"
    ada = await visit()
    await ada.enter("ada", transport, room)
    await ada.say("one", "two", "three")
    await ada.delivered()
    await ada.tab.get_by_role("link", name="Transport", exact=True).click()
    await ada.tab.locator(".meter").wait_for()
    line = served.line(transport)
    await agree(ada, line)
    before = sum(await counted(ada))
    await ada.tab.get_by_role("link", name="Chat", exact=True).click()
    await ada.say("x" * 1000)
    await ada.delivered()
    await ada.tab.get_by_role("link", name="Transport", exact=True).click()
    await agree(ada, line)
    assert sum(await counted(ada)) - before > 2000, "once up, and once down"
    await per_message_agrees(ada, line)


async def test_what_was_said_is_found_on_the_wire_and_opened_to_its_bytes(visit: Visit) -> None:
    ada = await visit(viewport={"width": 1600, "height": 900})
    await ada.enter("ada", "websocket", "opened")
    await ada.tab.locator(".inspector .records").wait_for()
    await ada.say("look at me")
    await ada.delivered()
    said = ada.tab.locator(".record", has_text="say").last
    await said.click()
    opened = ada.tab.locator(".record-detail")
    await opened.get_by_text("look at me").first.wait_for()
    table = await opened.inner_text()
    assert "say" in table
    # RFC 6455 section 5.3: what the page sends is masked, so that the text is in the meaning alone.
    assert "mask" in table.lower()
    bits = dict(
        zip(
            await opened.locator(".frame-bits dt").all_inner_texts(),
            await opened.locator(".frame-bits code").all_inner_texts(),
            strict=True,
        )
    )
    assert (bits["FIN"], bits["opcode"], bits["MASK"]) == ("1", "0001", "1")


async def test_a_request_and_its_response_are_one_line_that_leads_with_what_is_said(
    visit: Visit, subtests: pytest.Subtests
) -> None:
    ada = await visit(viewport={"width": 1600, "height": 900}, accept_downloads=True)
    await ada.enter("ada", "socketio-polling", "pairs")
    rows = ada.tab.locator(".inspector .record")
    await rows.first.wait_for()
    await ada.say("look at me")
    await ada.delivered()
    said = rows.filter(has_text="say “look at me”")
    with subtests.test("a pair"):
        await said.and_(ada.tab.locator('[data-way="both"]')).wait_for()
        assert await said.count() == 1
    with subtests.test("an empty poll is dimmed, and what was said is not"):
        assert await ada.tab.locator('.record[data-quiet="true"]').count() > 0
        assert await said.and_(ada.tab.locator('[data-quiet="true"]')).count() == 0
    with subtests.test("one direction"):
        await ada.tab.get_by_label("Direction").select_option("up")
        await ada.tab.locator('.record[data-way="both"]').first.wait_for(state="detached")
        assert await ada.tab.locator('.record[data-way="down"]').count() == 0
        await ada.tab.get_by_label("Direction").select_option("both")
    with subtests.test("search"):
        await ada.tab.get_by_label("Search").fill("LOOK AT")
        await rows.filter(has_text="heartbeat").first.wait_for(state="detached")
        assert await rows.filter(has_text="look at me").count() == await rows.count() > 0
        await ada.tab.get_by_label("Search").fill("")
    with subtests.test("what is inside"):
        await said.click()
        opened = ada.tab.locator(".record-detail")
        await opened.locator(".json", has_text="look at me").first.wait_for()
        headers = opened.locator(".headers").first
        assert not await headers.locator("dl").is_visible()
        await headers.locator("summary").click()
        assert "content-type" in await headers.inner_text()
    with subtests.test("files"):
        for button, ending in (("Save", "jsonl"), ("HAR", "har")):
            async with ada.tab.expect_download() as downloading:
                await ada.tab.get_by_role("button", name=button, exact=True).click()
            saved = await downloading.value
            assert saved.suggested_filename == f"socketio-polling.{ending}"
            content = (await saved.path()).read_bytes()
            if ending == "har":
                assert b"look at me" in content
            else:
                assert from_lines(content)[0]
    with subtests.test("in Korean"):
        await ada.tab.get_by_label("Language").select_option("ko")
        await rows.filter(has_text="말하기 “look at me” (say)").wait_for()


async def test_on_a_narrow_screen_the_bytes_are_docked_below_the_chat(
    visit: Visit, subtests: pytest.Subtests
) -> None:
    ada = await visit(viewport={"width": 1280, "height": 720})
    with subtests.test("below the join form there is no dock"):
        await ada.tab.locator(".picker").wait_for()
        assert await ada.tab.locator(".inspector-pane-toggle").count() == 0
    await ada.enter("ada", "websocket", "docked")
    said = ada.tab.locator(".inspector .record", has_text="say “hello”")
    with subtests.test("a laptop shows both"):
        await ada.say("hello")
        await said.wait_for()
        assert await ada.tab.locator(".composer textarea").is_visible()
    with subtests.test("what is opened stands beside the list"):
        await said.click()
        detail = ada.tab.locator(".record-detail")
        await detail.locator(".json").wait_for()
        box, rows = await detail.bounding_box(), await ada.tab.locator(".records").bounding_box()
        assert box is not None
        assert rows is not None
        assert box["x"] >= rows["x"] + rows["width"]
    with subtests.test("it stays shut where somebody shut it"):
        await ada.tab.get_by_role("button", name="Hide the bytes").click()
        await ada.tab.locator(".inspector").wait_for(state="detached")
        await ada.tab.reload()
        await ada.stands()
        assert await ada.tab.locator(".inspector").count() == 0
    with subtests.test("a phone shows it when somebody asks"):
        bob = await visit(viewport={"width": 390, "height": 844})
        await bob.enter("bob", "websocket", "docked")
        assert await bob.tab.locator(".inspector").count() == 0
        await bob.tab.get_by_role("button", name="Show the bytes").click()
        await bob.tab.locator(".inspector .record").first.wait_for()


async def test_a_flood_is_counted_exactly_while_one_writes(served: Served, visit: Visit) -> None:
    room = "flooded"
    ada = await visit(viewport={"width": 1600, "height": 900})
    await ada.enter("ada", "websocket", room)
    await ada.tab.locator(".inspector .records").wait_for()
    async with AsyncExitStack() as crowd:
        speakers = [
            (await crowd.enter_async_context(in_python(served, f"bob {n}", "websocket", room)))[0]
            for n in range(SPEAKERS)
        ]
        flood = asyncio.gather(*(flooding(speaker, room) for speaker in speakers))
        await ada.tab.locator(".composer textarea").press_sequentially("still writing")
        await flood
        await agree(ada, served.line("websocket"))
    assert await ada.tab.locator(".composer textarea").input_value() == "still writing"
    # How many are shown depends on how fast they come.
    shown = await ada.tab.locator(".sampled").inner_text()
    assert re.fullmatch(r"\d+ in all, every one shown|\d+ of \d+ not shown: .+", shown)


async def flooding(speaker: Connection, room: str) -> None:
    """Say as much as one may at once."""
    for number in range(MESSAGES_EACH):
        await speaker.send(Say(speaker.next_id(), room, f"flood {number}"))
