"""The first view: two transports side by side, by the numbers of the ledger."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lab.page.link import Link
from tests.page.browser.conftest import Visit
from tests.page.test_web_looks import WATCH_SHIFTS
from tests.page.web import Person, Served, until

pytestmark = pytest.mark.asyncio(loop_scope="module")

COMPARED = "v=1&transports=websocket,socketio-polling&network=20,0,&text=hi"


WATCH_UNKNOWN = """
const seen = document.querySelector(".compare-seen");
new MutationObserver(() => { window.unknown ||= seen.dataset.known === "false"; })
  .observe(seen, { attributes: true });
"""
"""Both lanes may connect again sooner than somebody outside the page could see it."""


async def known(person: Person) -> None:
    """Wait until both handshakes and messages are drawn."""
    await person.tab.locator(".compare-seen[data-known=true]").wait_for()


async def labels(person: Person) -> list[str]:
    """What a screen reader says of both drawings."""
    drawings = person.tab.locator(".waterfall svg")
    return [str(await drawings.nth(side).get_attribute("aria-label")) for side in (0, 1)]


def shown(label: str) -> tuple[int, list[int]]:
    """Round trips, and bytes up and down: of the handshake, then of the message."""
    plain = label.replace("\u2009", "").replace("\u202f", "")
    (trips,) = re.findall(r"(\d+) round trips", plain)
    return int(trips), [int(size) for size in re.findall(r"[↑↓](\d+)", plain)]


def counted(line: Link) -> tuple[int, list[int]]:
    """The same, as the ledger of the link has it."""
    line.inspect(True)
    account = line._inspector._ledger.account()
    assert account.joined is not None and account.said is not None
    costs = (account.joined.counted.cost, account.said.cost)
    sizes = [round(way.total) for cost in costs for way in (cost.up, cost.down)]
    return account.joined.counted.round_trips, sizes


async def test_the_first_view_has_the_numbers_of_the_ledger(served: Served, visit: Visit) -> None:
    ada = await visit(viewport={"width": 1280, "height": 720})
    await ada.tab.goto(f"{served.page.url}#/compare/{COMPARED}")
    await known(ada)
    assert await ada.tab.evaluate(
        "(({scrollHeight, clientHeight}) => scrollHeight <= clientHeight)"
        "(document.querySelector('.view'))"
    ), "all of it is seen at once"
    for label, transport in zip(await labels(ada), ("websocket", "socketio-polling"), strict=True):
        assert shown(label) == counted(served.line(transport)), transport
    assert "more round trip" in await ada.tab.locator(".compare-seen").inner_text()
    await ada.tab.get_by_label("Message to both").fill("again")
    await ada.tab.get_by_label("Message to both").press("Enter")
    for side in (0, 1):
        said = ada.tab.locator(".lane-said").nth(side)
        await said.get_by_text("“again” ✓").wait_for()


@pytest.mark.parametrize("width", [1280, 390])
async def test_nothing_moves_while_both_connect_and_speak(
    served: Served, visit: Visit, width: int
) -> None:
    ada = await visit(viewport={"width": width, "height": 720})
    await ada.tab.add_init_script(WATCH_SHIFTS)
    await ada.tab.goto(f"{served.page.url}#/compare")
    await ada.tab.reload()
    await known(ada)
    await ada.tab.evaluate(WATCH_UNKNOWN)
    await ada.tab.get_by_role("button", name="Connect both again").click()
    await ada.tab.wait_for_function("window.unknown")
    await known(ada)
    await ada.tab.get_by_label("Message to both").fill("once more")
    await ada.tab.get_by_label("Message to both").press("Enter")
    for side in (0, 1):
        await ada.tab.locator(".lane-said").nth(side).get_by_text("“once more” ✓").wait_for()
    assert await ada.tab.evaluate("document.activeElement.value") == "once more", "to go on at once"
    await known(ada)
    assert await ada.tab.evaluate("window.shifted") == 0


async def test_the_first_view_says_in_which_order_a_transport_upgraded(
    served: Served, visit: Visit
) -> None:
    ada = await visit()
    await ada.tab.goto(f"{served.page.url}#/compare")
    await known(ada)

    async def agrees() -> bool:
        upgrade = served.line("socketio")._inspector._ledger.account().upgrade
        seen = await ada.tab.locator(".compare-seen").inner_text()
        polled, held = "brought Socket.IO" in seen, "before a poll brought" in seen
        return upgrade is not None and (polled, held) == (
            upgrade.namespace == "polling",
            upgrade.namespace == "websocket",
        )

    await until(agrees)


async def test_the_tour_is_the_second_button_of_the_first_view(
    served: Served, visit: Visit
) -> None:
    ada = await visit()
    await ada.tab.goto(f"{served.page.url}#/compare")
    buttons = ada.tab.locator("main :is(button, a.button)")
    await buttons.first.wait_for()
    assert (await buttons.all_inner_texts())[:2] == ["Send on both", "Take the 5-minute tour"]


async def test_a_shared_link_restores_the_view_or_says_why_not(
    served: Served, visit: Visit
) -> None:
    ada = await visit(breaks=True)  # another address ends what was still connecting
    tab = ada.tab
    await tab.goto(f"{served.page.url}#/compare/{COMPARED}")
    await known(ada)
    await tab.get_by_label("Message to both").fill("안녕 & 100 %")
    await tab.get_by_label("Message to both").press("Enter")
    await tab.get_by_text("“안녕 & 100 %” ✓").nth(1).wait_for()
    await tab.get_by_role("button", name="Share this view").click()
    link = await tab.locator(".share input").input_value()
    for button, ending, begins in (("SVG", ".svg", b"<svg "), ("PNG", ".png", b"\x89PNG")):
        async with tab.expect_download() as saving:
            await tab.get_by_role("button", name=f"Save as {button}").click()
        saved = await saving.value
        assert saved.suggested_filename.endswith(ending)
        assert Path(await saved.path()).read_bytes().startswith(begins)
    await tab.goto("about:blank")
    await tab.goto(link)
    await known(ada)
    assert await tab.get_by_label("Message to both").input_value() == "안녕 & 100 %"
    assert await tab.locator(".lane select").evaluate_all("all => all.map((one) => one.value)") == [
        "websocket",
        "socketio-polling",
    ]
    assert await tab.locator(".compare-delay output").inner_text() == "20 ms"
    for asked, said in (
        ("v=9", "another version"),
        ("v=1&transports=nonsense,socketio", "no transport “nonsense”"),
        ("v=1&network=x", "No network can be"),
    ):
        await tab.goto(f"{served.page.url}#/compare/{asked}")
        await tab.get_by_text(said).wait_for()
    await tab.get_by_role("link", name="Go on with this view").click()
    await tab.get_by_text("No network can be").wait_for(state="detached")


async def test_what_is_said_offline_arrives_afterwards(served: Served, visit: Visit) -> None:
    ada = await visit()
    await ada.tab.goto(f"{served.page.url}#/compare")
    await known(ada)
    await ada.tab.get_by_role("button", name="Offline for 5 s").click()
    await ada.tab.get_by_text("Nothing gets through").wait_for()
    await ada.tab.get_by_label("Message to both").fill("late")
    await ada.tab.get_by_label("Message to both").press("Enter")
    await ada.tab.get_by_text("“late” ✓").nth(1).wait_for()
