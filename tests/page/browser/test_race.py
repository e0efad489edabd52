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

WIRES = ["websocket", "socketio-polling", "sse"]
DELAY_MS = 20
ROUNDS = 2
MESSAGES = 3
RACE_MS = 180_000
"""A race takes as long as its wires; on a loaded machine that is long."""


async def set_up(person: Person, wires: list[str], delay_ms: int) -> None:
    """Choose these wires, this delay, and a short race."""
    setup = person.tab.locator(".setup")
    await setup.locator(".choice").first.wait_for()
    for choice in await setup.locator(".choices .choice").all():
        name = await choice.locator(".choice-name").inner_text()
        box = choice.locator("input")
        if await box.is_enabled() and await box.is_visible():
            await box.set_checked(name in wires)
    await setup.locator("input[type=range]").first.fill(str(delay_ms))
    await setup.get_by_label("Rounds").fill(str(ROUNDS))
    await setup.get_by_label("Messages a round").fill(str(MESSAGES))


async def test_a_race_is_run_saved_and_reported(visit: Visit, results: Path) -> None:
    ada = await visit()
    await ada.tab.get_by_role("link", name="Race", exact=True).click()
    await set_up(ada, WIRES, DELAY_MS)
    await ada.tab.get_by_role("button", name="Start the race").click()
    save = ada.tab.get_by_role("button", name="Save among the lab's results")
    await save.wait_for(timeout=RACE_MS)
    rows = await ada.tab.locator(".results tbody th").all_inner_texts()
    assert sorted(row.strip() for row in rows) == sorted(WIRES)
    assert await ada.tab.locator(".results tr.void").count() == 0
    await save.click()
    said = await ada.tab.locator(".export [role=status]", has_text="Saved as").inner_text()
    name = said.removeprefix("Saved as ").removesuffix(".")

    run = record.find(name, [results])[0]
    assert run.info.constants["client"] == "browser"
    assert sorted(run.wires) == sorted(WIRES)
    by_key = {figure.key: figure for figure in record.FIGURES}
    for wire in WIRES:
        counts = {
            key: [reading.value for reading in run.readings(wire, by_key[key])]
            for key in ("connect_p50_ms", "rtt_p50_us")
        }
        for key, values in counts.items():
            assert values, f"{key} of {wire}"
            # Not a round trip of 2 x 20 ms is less than that, and no wire shakes hands in none.
            least = 2 * DELAY_MS * (1 if key.endswith("ms") else 1000)
            assert all(value is not None and value >= 0.99 * least for value in values), counts

    shown = CliRunner().invoke(main, ["report", name, "--results", str(results)])
    assert shown.exit_code == 0, shown.output
    assert "in a browser" in shown.output
    assert all(wire in shown.output for wire in WIRES)
    assert (run.folder / "report.html").is_file()


async def test_a_race_that_is_stopped_is_no_result(visit: Visit) -> None:
    ada = await visit(breaks=True)
    await ada.tab.get_by_role("link", name="Race", exact=True).click()
    await set_up(ada, WIRES, 1000)
    await ada.tab.get_by_role("button", name="Start the race").click()
    await ada.tab.get_by_role("button", name="Stop").click()
    await ada.tab.get_by_text("what you see is not a result").wait_for()
    assert await ada.tab.get_by_role("button", name="Save among the lab's results").count() == 0
