"""The chat as people know it: links, a second person, drafts, what is unread, paper."""

from __future__ import annotations

import pytest

from tests.page.browser.conftest import Visit
from tests.page.web import Person, Served, in_python, until

WIDE = {"width": 1600, "height": 900}
MANY = 200

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def titled(person: Person, title: str) -> None:
    """Wait until the tab is called so."""

    async def so() -> bool:
        return await person.tab.title() == title

    await until(so)


async def test_a_room_is_shared_by_its_link(
    served: Served, visit: Visit, subtests: pytest.Subtests
) -> None:
    ada = await visit()
    await ada.tab.goto(f"{served.page.url}#/chat/tea%20room")
    with subtests.test("a link leads to its room"):
        await ada.tab.get_by_text("leads to the room tea room").wait_for()
        assert await ada.tab.get_by_label("Room", exact=True).input_value() == "tea room"
    await ada.tab.get_by_label("Your name").fill("ada")
    await ada.tab.locator(".join-form button[type=submit]").click()
    await ada.stands()
    with subtests.test("the address names the room that is shown"):
        await ada.tab.get_by_label("Room's name").fill("pub")
        await ada.tab.get_by_label("Room's name").press("Enter")
        await ada.tab.get_by_role("heading", name="pub").wait_for()
        await until(lambda: ada.tab.evaluate("location.hash === '#/chat/pub'"))
    with subtests.test("inside, a link joins its room"):
        await ada.tab.evaluate("location.hash = '#/chat/garden'")
        await ada.tab.get_by_role("heading", name="garden").wait_for()
    with subtests.test("a link to what can be no room is said, with a way on"):
        await ada.tab.evaluate(f"location.hash = '#/chat/{'x' * 300}'")
        await ada.tab.get_by_role("alert").get_by_text("A name has 1 to").wait_for()
        await ada.tab.get_by_role("heading", name="garden").wait_for()
        bob = await visit()
        await bob.tab.goto(f"{served.page.url}#/chat/{'x' * 300}")
        await bob.tab.get_by_text("leads to no room").wait_for()
        await bob.enter("bob", "sse", "garden")
    with subtests.test("a second person comes by the button"):
        async with ada.tab.context.expect_page() as opening:
            await ada.tab.locator(".members").get_by_text("Open a second person").click()
        second = Person(await opening.value)
        await second.tab.get_by_text("leads to the room garden").wait_for()
        assert await second.tab.get_by_label("Room", exact=True).input_value() == "garden"
        name = second.tab.get_by_label("Your name")

        async def suggested() -> bool:
            return await name.input_value() == "ada 2"

        await until(suggested)
        await name.press("Enter")
        await second.stands()
        await ada.tab.locator(".members li", has_text="ada 2").wait_for()
        assert second.complaints == []


async def test_nothing_that_was_written_is_lost_and_what_is_unread_is_counted(
    served: Served, visit: Visit, subtests: pytest.Subtests
) -> None:
    ada = await visit(viewport=WIDE)
    await ada.enter("ada", "websocket", "drafts")
    with subtests.test("a draft outlives a reload"):
        await ada.tab.locator(".composer textarea").fill("half a sen")
        await ada.tab.reload()
        await ada.stands()
        assert await ada.tab.locator(".composer textarea").input_value() == "half a sen"
        await ada.say("half a sentence")
        await ada.delivered()
        await ada.tab.reload()
        await ada.stands()
        assert await ada.tab.locator(".composer textarea").input_value() == ""
    async with in_python(served, "bob", "websocket", "drafts") as (bob, _):
        with subtests.test("the title counts in every view"):
            await ada.tab.get_by_role("link", name="Transport", exact=True).click()
            await ada.tab.locator(".meter").wait_for()
            await bob.say("drafts", "one")
            await bob.say("drafts", "two")
            await titled(ada, "(2) Transport Lab")
            await ada.tab.get_by_role("link", name="Chat", exact=True).click()
            await titled(ada, "Transport Lab")
        with subtests.test("a stalled network is marked, and set free"):
            await ada.tab.get_by_role("tab", name="Network").click()
            await ada.tab.get_by_role("button", name="Stall").click()
            mark = ada.tab.locator(".network-mark")
            await mark.get_by_text("nothing gets through").wait_for()
            await ada.say("held")
            await mark.get_by_role("button").click()
            await mark.wait_for(state="detached")
            await ada.delivered()
        with subtests.test("all of it is printed"):
            for number in range(MANY):
                await bob.say("drafts", f"line {number}")
            await ada.tab.get_by_text(f"line {MANY - 1}", exact=True).wait_for()
            await ada.tab.emulate_media(media="print")
            await ada.tab.evaluate("dispatchEvent(new Event('beforeprint'))")
            lines = [text for text in await ada.texts() if text.startswith("line ")]
            assert lines == [f"line {number}" for number in range(MANY)]
            assert await ada.tab.locator(".messages").evaluate(
                "messages => messages.scrollHeight <= messages.clientHeight"
            )
            assert not await ada.tab.locator(".composer").is_visible()


async def test_the_first_screen_offers_what_can_be_used(visit: Visit) -> None:
    ada = await visit()
    usable = ada.tab.locator(".picker > fieldset .transport-choice")
    await usable.first.wait_for()
    assert await usable.locator("input:disabled").count() == 0
    impossible = ada.tab.locator(".picker details .transport-choice:has(input:disabled)")
    assert await impossible.count() > 0
    assert not await impossible.first.is_visible()
    await ada.tab.get_by_text("More transports").click()
    for each in await impossible.all():
        assert await each.locator(".transport-reason").inner_text()
