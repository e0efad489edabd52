"""What the inspector shows: counters that are the relay's own, and the bytes behind each line."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from lab.chat.commands import Say
from lab.contract import Connection
from lab.page.line import Line
from tests.page.browser.conftest import Visit
from tests.page.web import WIRES, Person, Served, in_python, until

SPEAKERS = 5
MESSAGES_EACH = 400

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def counted(person: Person) -> tuple[int, int]:
    """Bytes up and down, as the inspector shows them."""
    shown: dict[str, str] = await person.tab.locator(".meter").evaluate(
        """meter => Object.fromEntries([...meter.children].map(figure =>
          [figure.querySelector("dt").textContent, figure.querySelector("dd").textContent]))"""
    )
    up, down = (shown[f"Bytes {way}"] for way in ("up", "down"))
    return number(up), number(down)


def number(shown: str) -> int:
    """`1 234 B`, with a thin space, as a number."""
    return int("".join(filter(str.isdigit, shown)))


async def agree(person: Person, line: Line) -> None:
    """Wait until the inspector shows what the relay has counted, and nothing is under way."""

    async def same() -> bool:
        before = line.traffic
        relayed = (before.up_bytes, before.down_bytes)
        shown = await counted(person)
        after = line.traffic
        return relayed == shown == (after.up_bytes, after.down_bytes)

    await until(same)


@pytest.mark.parametrize("wire", WIRES)
async def test_the_bytes_shown_are_those_that_the_relay_counted(
    served: Served, visit: Visit, wire: str
) -> None:
    room = f"counted on {wire}"
    ada = await visit()
    await ada.enter("ada", wire, room)
    await ada.say("one", "two", "three")
    await ada.delivered()
    await ada.tab.get_by_role("link", name="Wire", exact=True).click()
    await ada.tab.locator(".meter").wait_for()
    line = served.line(wire)
    await agree(ada, line)
    before = sum(await counted(ada))
    await ada.tab.get_by_role("link", name="Chat", exact=True).click()
    await ada.say("x" * 1000)
    await ada.delivered()
    await ada.tab.get_by_role("link", name="Wire", exact=True).click()
    await agree(ada, line)
    assert sum(await counted(ada)) - before > 2000, "once up, and once down"


async def test_what_was_said_is_found_on_the_wire_and_opened_to_its_bytes(visit: Visit) -> None:
    ada = await visit(viewport={"width": 1600, "height": 900})
    await ada.enter("ada", "websocket", "opened")
    await ada.tab.locator(".inspector .records").wait_for()
    await ada.say("look at me")
    await ada.delivered()
    said = ada.tab.locator(".record", has_text="say").last
    await said.click()
    opened = ada.tab.locator(".opened")
    await opened.get_by_text("look at me").first.wait_for()
    table = await opened.inner_text()
    assert "say" in table
    # RFC 6455 section 5.3: what the page sends is masked, so that the text is in the meaning alone.
    assert "mask" in table.lower()


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
    shown = await ada.tab.locator(".sampled").inner_text()
    assert "not shown" in shown, "so many can't all be shown, and it is said"


async def flooding(speaker: Connection, room: str) -> None:
    """Say as much as one may at once."""
    for number in range(MESSAGES_EACH):
        await speaker.send(Say(speaker.next_id(), room, f"flood {number}"))
