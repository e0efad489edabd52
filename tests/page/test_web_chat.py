"""The page in Chromium: people on every transport talk, lose nothing and double nothing."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from lab.chat.events import Message
from lab.chat.limits import Limits
from lab.contract import Heartbeat
from lab.page import site
from lab.page.protocol import EmulatedNetwork
from tests.page.web import TRANSPORTS, Person, Served, in_python, leave, looking, serving, until

# One browser for all: to start it costs more than most of what is done in it.
pytestmark = pytest.mark.asyncio(loop_scope="module")

HOSTILE = (
    "<script>document.title = 'gone'</script>",
    '<img src=x onerror="document.title = 1">',
    "]]>&amp;</textarea>\u2028\u2029",
    "\u202eright to left\u202c and مرحبا",
    "👩‍🔬 한국어 \ufffd3\ufffd1::",
)
HUGE = "é" * 32_768  # 64 KiB of UTF-8
BURST = 320
SLOW = EmulatedNetwork(delay_ms=5000)
_numbers = itertools.count(1)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def open_lab(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with looking(tmp_path_factory.mktemp("results")) as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def served(open_lab: Served) -> AsyncIterator[Served]:
    yield open_lab
    await leave(open_lab.browser)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def beating_lab(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with looking(tmp_path_factory.mktemp("results"), Heartbeat(1, 1)) as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def beating(beating_lab: Served) -> AsyncIterator[Served]:
    """A page on which silence is noticed within two seconds: a frame tells by nothing else."""
    yield beating_lab
    await leave(beating_lab.browser)


@pytest.fixture
def room(request: pytest.FixtureRequest) -> str:
    """A room of this test's own."""
    return f"r{next(_numbers)}"


async def heard_by(person: Person, count: int) -> list[str]:
    """The first texts that somebody sees, once there are so many."""

    async def enough() -> bool:
        return len(await person.texts()) >= count

    await until(enough)
    return await person.texts()


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_people_on_a_transport_talk_with_people_elsewhere(
    served: Served, room: str, transport: str
) -> None:
    ada, bob = await served.person(), await served.person()
    await ada.enter("ada", transport, room)
    await bob.enter("bob", "websocket", room)
    async with in_python(served, "carl", transport, room) as (carl, heard):
        await ada.say("from ada")
        await heard_by(bob, 1)
        await bob.say("from bob")
        await heard_by(ada, 2)
        await carl.say(room, "from carl")
        said = ["from ada", "from bob", "from carl"]
        assert await heard_by(ada, 3) == said
        assert await heard_by(bob, 3) == said

        async def all_heard() -> bool:
            return len([event for event in heard if isinstance(event, Message)]) == 3

        await until(all_heard)
        assert [event.text for event in heard if isinstance(event, Message)] == said
    await ada.delivered()
    assert ada.complaints + bob.complaints == []


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_line_that_is_cut_loses_nothing_and_doubles_nothing(
    served: Served, room: str, transport: str
) -> None:
    ada, bob = await served.person(), await served.person()
    await ada.enter("ada", transport, room)
    await bob.enter("bob", "websocket", room)
    said: list[str] = []
    for turn in range(3):
        texts = [f"{turn}.{number}" for number in range(6)]
        saying = asyncio.create_task(ada.say(*texts))
        served.line(transport).cut("rst" if turn % 2 == 0 else "fin")
        await bob.say(f"bob {turn}")
        await saying
        said += [*texts, f"bob {turn}"]
        await heard_by(ada, len(said))
        await heard_by(bob, len(said))
    await ada.delivered()
    for person in (ada, bob):
        found = await heard_by(person, len(said))
        assert sorted(found) == sorted(said)
        mine = [text for text in found if not text.startswith("bob")]
        assert mine == [text for text in said if not text.startswith("bob")]


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_what_a_cut_line_had_swallowed_comes_again(
    beating: Served, room: str, transport: str
) -> None:
    ada, bob = await beating.person(), await beating.person()
    await ada.enter("ada", transport, room)
    await bob.enter("bob", "websocket", room)
    await bob.say("heard")
    await heard_by(ada, 1)
    line = beating.line(transport)
    line.emulate(SLOW)
    before = line.traffic.down_bytes
    await bob.say("swallowed")

    async def swallowed() -> bool:
        return line.traffic.down_bytes > before

    await until(swallowed)
    line.cut("rst")
    line.emulate(EmulatedNetwork())
    assert await heard_by(ada, 2) == ["heard", "swallowed"]


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_reload_loses_nothing_and_doubles_nothing(
    served: Served, room: str, transport: str
) -> None:
    ada, bob = await served.person(), await served.person()
    await ada.enter("ada", transport, room)
    await bob.enter("bob", "websocket", room)
    await ada.say("one", "two")
    await ada.delivered()
    await ada.say("three")
    await ada.tab.reload()
    await bob.say("four")
    await ada.stands()
    assert sorted(await heard_by(ada, 4)) == ["four", "one", "three", "two"]
    assert sorted(await heard_by(bob, 4)) == ["four", "one", "three", "two"]
    await ada.delivered()


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_burst_arrives_in_its_order(served: Served, room: str, transport: str) -> None:
    ada = await served.person()
    await ada.enter("ada", transport, room)
    async with in_python(served, "bob", "websocket", room) as (bob, _):
        texts = [f"burst {number}" for number in range(BURST)]
        for text in texts:
            await bob.say(room, text)
    await ada.tab.get_by_text(texts[-1], exact=True).wait_for()
    shown = await ada.texts()
    assert shown == texts[-len(shown) :]
    while len(shown) < BURST:
        await ada.tab.get_by_role("button", name="Earlier messages").click()
        await heard_by(ada, len(shown) + 1)
        shown = await ada.texts()
    assert shown == texts


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_hostile_text_is_text(served: Served, room: str, transport: str) -> None:
    ada, bob = await served.person(), await served.person()
    await ada.enter("ada", transport, room)
    await bob.enter("bob", "websocket", room)
    await ada.say(*HOSTILE)
    for person in (ada, bob):
        await heard_by(person, len(HOSTILE))
        shown = await person.tab.locator(".said .text").evaluate_all(
            "elements => elements.map(element => element.textContent)"
        )
        assert shown == list(HOSTILE)
        assert await person.tab.locator(".said .text *").count() == 0
        assert await person.tab.title() == "Transport Lab"
    await ada.say(HUGE)
    await bob.tab.get_by_role("button", name="Show all of it").click()
    shown = await bob.tab.locator(".said .text").last.text_content()
    assert shown == HUGE
    await ada.delivered()
    assert ada.complaints + bob.complaints == []


async def test_the_way_from_polling_to_websocket_is_shown(served: Served, room: str) -> None:
    ada = await served.person()
    await ada.enter("ada", "socketio", room)
    await ada.tab.locator(".carrier [data-now]", has_text="websocket").wait_for()


async def test_another_transport_takes_the_rooms_along(served: Served, room: str) -> None:
    ada, bob = await served.person(), await served.person()
    await ada.enter("ada", "websocket", room)
    await bob.enter("bob", "websocket", room)
    await ada.say("before")
    await heard_by(bob, 1)
    await ada.tab.get_by_role("button", name="Change transport").click()
    await ada.tab.locator('dialog [data-transport="sse"] input').check()
    await ada.tab.get_by_role("button", name="Go on by this transport").click()
    await (
        bob.tab.locator(".members li", has_text="ada").get_by_text("Server-sent events").wait_for()
    )
    await ada.say("after")
    assert await heard_by(bob, 2) == ["before", "after"]
    assert await heard_by(ada, 2) == ["before", "after"]


async def test_a_name_that_is_taken_is_said_at_the_door(served: Served, room: str) -> None:
    ada, other = await served.person(), await served.person()
    await ada.enter("ada", "websocket", room)
    await other.knock("ada", "sse", room)
    await other.tab.get_by_role("alert").get_by_text("Choose another name").wait_for()
    await other.enter("bob", "sse", room)


async def test_a_text_that_is_too_long_can_not_be_sent(served: Served, room: str) -> None:
    ada = await served.person()
    await ada.enter("ada", "websocket", room)
    await ada.say(HUGE + "é")
    await ada.tab.get_by_text("2 bytes too long").wait_for()
    assert await ada.texts() == []
    await ada.say("shorter")
    await ada.delivered()


async def test_too_fast_is_said_and_can_be_tried_again(
    served: Served, room: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "Limits", partial(Limits, commands_per_s=2, command_burst=4))
    async with serving(tmp_path) as (page, _):
        ada = await served.person()
        await ada.tab.goto(f"{page.url}#/chat")
        await ada.enter("ada", "websocket", room)
        await ada.say(*(f"quick {number}" for number in range(6)))
        refused = ada.tab.locator('.said[data-unsent="too_fast"]')
        await refused.first.get_by_text("too fast").wait_for()

        async def all_through() -> bool:
            if again := await refused.get_by_role("button", name="Try again").all():
                await again[0].click()
            return await ada.tab.locator(".said[data-unsent]").count() == 0

        await until(all_through)
        await ada.delivered()
        assert sorted(await ada.texts()) == [f"quick {number}" for number in range(6)]


async def test_a_server_that_is_gone_is_said_and_come_back_to(
    served: Served, room: str, tmp_path: Path
) -> None:
    ada = await served.person()
    async with serving(tmp_path) as (page, _):
        await ada.tab.goto(f"{page.url}#/chat")
        await ada.enter("ada", "sse", room)
        await ada.say("one")
        await ada.delivered()
    await ada.tab.get_by_text("The server is gone").wait_for()
    await ada.say("two")
    async with serving(tmp_path, page.port):
        await ada.stands()
        await ada.delivered()
        assert await ada.texts() == ["one", "two"]
        assert await ada.tab.locator(".former .text").all_inner_texts() == ["one"]
        await ada.tab.get_by_text("begun this room anew").wait_for()


async def test_unread_messages_are_counted_in_the_other_room(served: Served, room: str) -> None:
    ada, bob = await served.person(), await served.person()
    await ada.enter("ada", "websocket", room)
    await bob.enter("bob", "websocket", room)
    await ada.tab.get_by_label("Room's name").fill("pub")
    await ada.tab.get_by_label("Room's name").press("Enter")
    await ada.tab.get_by_role("heading", name="pub").wait_for()
    await bob.say("one", "two")
    await ada.tab.locator(".unread", has_text="2 unread").wait_for()
    assert await ada.tab.title() == "(2) Transport Lab"
    await ada.tab.keyboard.press("Alt+ArrowUp")
    await ada.tab.get_by_role("heading", name=room, exact=True).wait_for()
    assert await ada.tab.locator(".unread").count() == 0
