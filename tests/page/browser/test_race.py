"""A race in the page: kept among the lab's results, and read again by `lab report`."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from lab import record
from lab.cli import main
from tests.page.browser.conftest import Visit
from tests.page.web import Person

pytestmark = pytest.mark.asyncio(loop_scope="module")

TRANSPORTS = ["websocket", "socketio-polling", "sse"]
DELAY_MS = 20
ROUNDS = 2
MESSAGES = 3
FIRST = 4
"""So many transports a race has before somebody chooses, and so many the example has."""
PHONE = {"width": 390, "height": 844}
RACE_MS = 180_000
"""A race takes as long as its transports; on a loaded machine that is long."""


async def set_up(person: Person, transports: list[str], delay_ms: int) -> None:
    """Choose these transports, this delay, and a short race."""
    setup = person.tab.locator(".setup")
    await setup.locator(".choice").first.wait_for(state="attached")
    if not await setup.locator(".choice").first.is_visible():
        await setup.locator(".setup-fields > summary").click()
    for choice in await setup.locator(".choices .choice").all():
        name = await choice.get_attribute("data-transport")
        box = choice.locator("input")
        if await box.is_enabled() and await box.is_visible():
            await box.set_checked(name in transports)
    await setup.locator("input[type=range]").first.fill(str(delay_ms))
    await setup.get_by_label("Rounds").fill(str(ROUNDS))
    await setup.get_by_label("Messages a round").fill(str(MESSAGES))


async def barred(person: Person) -> list[str]:
    """The handshakes' bars as they are labelled, from the top."""
    return await person.tab.locator(".chart").first.locator(".bar-value").all_inner_texts()


async def tabled(person: Person) -> list[str]:
    """The transports that have a row in the table of results."""
    rows = await person.tab.locator(".results tbody tr").all()
    return sorted([str(await row.get_attribute("data-transport")) for row in rows])


async def test_a_race_is_run_saved_and_reported(visit: Visit, results: Path) -> None:
    ada = await visit()
    await ada.tab.get_by_role("link", name="Race", exact=True).click()
    await ada.tab.locator(".example").wait_for()
    assert len(await barred(ada)) == FIRST, "the example"
    assert await ada.tab.locator(".choice input:checked").count() == FIRST
    await set_up(ada, TRANSPORTS, DELAY_MS)
    await ada.tab.get_by_text("Takes about").wait_for()
    await ada.tab.get_by_role("button", name="Start the race").click()
    save = ada.tab.get_by_role("button", name="Save among the lab's results")
    await save.wait_for(timeout=RACE_MS)
    assert await ada.tab.locator(".example").count() == 0
    assert await tabled(ada) == sorted(TRANSPORTS)
    assert await ada.tab.locator(".results tr.void").count() == 0
    await save.click()
    said = await ada.tab.locator(".export [role=status]", has_text="Saved as").inner_text()
    name = said.removeprefix("Saved as ").removesuffix(".")

    bars, verdict = await barred(ada), await ada.tab.locator(".verdict").inner_text()
    assert bars == sorted(bars, key=lambda bar: float(bar.split()[0]))
    await ada.tab.reload()
    await ada.tab.locator(".results").wait_for()
    assert (await barred(ada), await ada.tab.locator(".verdict").inner_text()) == (bars, verdict)
    assert await tabled(ada) == sorted(TRANSPORTS)
    assert await ada.tab.get_by_label("Rounds").input_value() == str(ROUNDS)
    assert await save.is_disabled(), "it is saved already"

    run = record.find(name, [results])[0]
    assert run.info.constants["client"] == "browser"
    assert sorted(run.transports) == sorted(TRANSPORTS)
    by_key = {figure.key: figure for figure in record.FIGURES}
    for transport in TRANSPORTS:
        counts = {
            key: [reading.value for reading in run.readings(transport, by_key[key])]
            for key in ("connect_p50_ms", "rtt_p50_us")
        }
        for key, values in counts.items():
            assert values, f"{key} of {transport}"
            # Not a round trip of 2 x 20 ms is less than that, and no transport shakes hands in
            # none.
            least = 2 * DELAY_MS * (1 if key.endswith("ms") else 1000)
            assert all(value is not None and value >= 0.99 * least for value in values), counts

    shown = CliRunner().invoke(main, ["report", name, "--details", "--results", str(results)])
    assert shown.exit_code == 0, shown.output
    assert "in a browser" in shown.output
    assert all(transport in shown.output for transport in TRANSPORTS)
    assert (run.folder / "report.html").is_file()


async def test_a_race_that_is_stopped_or_left_is_no_result(visit: Visit) -> None:
    ada = await visit(breaks=True, viewport=PHONE)
    await ada.tab.get_by_role("link", name="Race", exact=True).click()
    await ada.tab.locator(".setup-fields > summary").wait_for()
    # Without scrolling: the button, and what is measured.
    for shown in (".start", ".verdict", ".chart:first-child li:first-child"):
        box = await ada.tab.locator(shown).first.bounding_box()
        assert box is not None, shown
        assert box["y"] + box["height"] <= PHONE["height"], shown
        assert box["x"] + box["width"] <= PHONE["width"], shown
    await set_up(ada, TRANSPORTS, 1000)
    await ada.tab.get_by_role("button", name="Start the race").click()
    await ada.tab.locator(".progress").wait_for()
    await ada.tab.reload()
    await ada.tab.get_by_text("loaded again during the race").wait_for()
    await ada.tab.get_by_role("button", name="Start the race").click()
    await ada.tab.get_by_role("button", name="Stop").click()
    await ada.tab.get_by_text("what you see is not a result").wait_for()
    assert await ada.tab.get_by_role("button", name="Save among the lab's results").count() == 0
