"""The payloads are of the published size and kind, and what is said follows from the figures."""

from __future__ import annotations

import zlib
from io import StringIO

import pytest
from rich.console import Console

from lab.reproduce import compressed_page as page
from lab.reproduce.compressed import (
    DEFLATED,
    EVENTS,
    FEW,
    LOOP,
    OBSERVATIONS,
    PLAIN,
    RATIO_OF_A_FRAME,
    TYPING,
    Loop,
    OfFrames,
    Redone,
    Sizes,
    measure_typing,
    observation,
    typing_events,
)

FRAME_HEADER = 4
"""Of a message of 126 to 65,535 bytes, unmasked (RFC 6455 section 5.2)."""
SIZES = Sizes(plain=277, alone=170, kept=72, kept_of_few=20)


def passes(plain: float, deflated: float) -> dict[str, list[float]]:
    """Five passes, each with the same ratio."""
    return {
        PLAIN: [plain * each for each in (1.0, 1.2, 0.9, 1.1, 1.0)],
        DEFLATED: [deflated * each for each in (1.0, 1.2, 0.9, 1.1, 1.0)],
    }


def redone(loop: Loop | None) -> Redone:
    return Redone({row.name: passes(1.0, 20.0) for row in OBSERVATIONS}, SIZES, loop)


def said(done: Redone) -> str:
    return " ".join(page.explained(done))


@pytest.mark.parametrize("row", OBSERVATIONS, ids=lambda row: row.name)
def test_an_observation_has_the_size_and_compresses_as_theirs_does(row: OfFrames) -> None:
    made = observation(row.side, seed=1)
    size, unit = row.name.split()
    assert len(made) == row.bytes
    assert row.bytes / 1024 ** {"KiB": 1, "MiB": 2}[unit] == pytest.approx(float(size), rel=0.005)
    assert made == observation(row.side, seed=1) != observation(row.side, seed=2)
    press = zlib.compressobj(6, wbits=-12, memLevel=5)
    left = len(press.compress(made) + press.flush()) / len(made)
    assert left == pytest.approx(RATIO_OF_A_FRAME, abs=0.05)


def test_a_typing_event_has_the_size_of_theirs() -> None:
    events = typing_events(EVENTS)
    assert {len(each) + FRAME_HEADER for each in events} == {TYPING.plain_bytes}
    assert len(set(events)) == EVENTS
    assert len({each.split('"user_id":"')[1] for each in typing_events(FEW)}) == FEW


async def test_an_event_has_the_published_bytes_on_the_wire() -> None:
    found = await measure_typing()
    assert found.plain == TYPING.plain_bytes
    assert found.alone == pytest.approx(TYPING.alone_bytes, rel=0.03)  # another zlib differs a bit
    assert found.kept_of_few < found.kept < found.alone


def test_a_ratio_is_of_one_pass_each() -> None:
    text = said(redone(Loop(passes(90_000, 60_000), passes(80_000, 16_000))))
    assert "takes 12.3× the time, measured 20.0× [20.0, 20.0]" in text
    assert "39% fewer bytes, measured 39%" in text
    assert "is 74% (published 72%), and 93% if" in text
    assert (
        "arrive 5.00× [5.00, 5.00] as fast without compression (published, by calls: 7.9×)" in text
    )


def test_without_node_its_table_is_left_out_and_that_is_said() -> None:
    done = redone(None)
    assert "ws: not repeated, because there is no Node here." in said(done)
    assert len(list(page.tables(done))) == 2


def test_the_tables_have_both_and_fit_in_a_terminal() -> None:
    console = Console(width=80, record=True, file=StringIO())
    for table in page.tables(redone(Loop(passes(90_000, 60_000), passes(80_000, 16_000)))):
        console.print(table)
    text = console.export_text()
    for theirs in (11.1, 0.9, 37.4, 1.9, 277, 169, f"{LOOP.plain_per_s:,}"):
        assert str(theirs) in text
    assert "80,000" in text
    assert max(map(len, text.splitlines())) <= 80


def test_one_pass_gives_a_ratio_without_an_interval() -> None:
    one = {PLAIN: [1.0], DEFLATED: [8.0]}
    done = Redone({row.name: one for row in OBSERVATIONS}, SIZES, None)
    assert "measured 8.00×." in said(done)
