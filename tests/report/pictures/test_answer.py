"""The picture of the answer: three blocks, every multiple marked, what is quoted is hollow."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.answer import blocks
from lab.answer.model import answer as answer_of
from lab.report.pictures import answer, style
from tests.answer.synthetic import measured
from tests.report.factory import Made, make
from tests.report.pictures.test_plots import legible, nothing_overlaps, texts

EVERY = {
    name: dict.fromkeys(blocks.FIGURES, 3.5 * (1 + 4 * place))
    for block in blocks.BLOCKS
    for place, name in enumerate(block.transports.values())
}


def test_it_has_a_panel_for_each_block_with_unit_values_and_legend() -> None:
    clients = [measured(client, EVERY, client=client) for client in blocks.CLIENTS]
    canvas = answer.draw(answer_of(measured("mine", EVERY), clients))
    found = texts(canvas)
    nothing_overlaps(canvas)
    legible(canvas)
    for block in blocks.BLOCKS:
        assert {block.title, block.whose} <= set(found)
    for row in blocks.ROWS:
        assert row.short in found
    assert "round trips to connect, client in a browser" in found
    assert found.count("times plain WebSocket") == len(blocks.BLOCKS)
    assert "3.50 → 17.5" in found
    assert {name for variant, name in blocks.VARIANTS.items() if variant != "plain"} <= set(found)
    assert "hollow: quoted" in found


def test_what_nobody_measured_is_said_and_what_is_quoted_is_hollow() -> None:
    mine = {name: each for name, each in EVERY.items() if name.startswith("node")}
    rest = {name: {"rtt_p50_us": 3.0} for name in EVERY}
    canvas = answer.draw(answer_of(measured("mine", mine), [measured("reference", rest)]))
    nothing_overlaps(canvas)
    assert "not measured" in texts(canvas)
    node, python = canvas.axes[1], canvas.axes[2]
    filled = {str(line.get_markerfacecolor()) for line in node.lines if line.get_marker() == "v"}
    hollow = {str(line.get_markerfacecolor()) for line in python.lines if line.get_marker() == "v"}
    assert filled != hollow == {style.PAPER}


@pytest.mark.parametrize("large", [0.001, 16_000.0])
def test_long_values_stay_in_the_picture(large: float) -> None:
    values = {
        name: {key: large * value for key, value in each.items()} for name, each in EVERY.items()
    }
    nothing_overlaps(answer.draw(answer_of(None, [measured("reference", values)])))


def test_a_run_that_measured_nothing_of_it_has_no_such_picture(tmp_path: Path) -> None:
    made = Made(passes=1, samples=20, transports=("loopback",))
    assert answer.answer(make(tmp_path, made)) is None
