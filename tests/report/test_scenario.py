"""What a load of a target looks like: on one screen, as a picture, and on the page."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rich.console import Console

from lab import record
from lab.load.scenario.counted import counts
from lab.load.scenario.outcome import Outcome
from lab.load.scenario.run import Watching
from lab.record import Benchmark, PassFile, Run
from lab.report.pictures import plots
from lab.report.publish import publish
from lab.report.text import screen
from tests.load.scenario.faulty import Copies, everybody, faulty
from tests.load.scenario.sites import loaded, native
from tests.report.pictures.test_plots import legible, nothing_overlaps, texts

SCENARIOS: dict[str, dict[str, Any]] = {
    "open": {"load": {"clients": 2, "rate": 200, "duration": 0.5}, "answer": "echo"},
    "alone": {"load": {"messages": 20}, "broadcast": None, "answer": "echo"},
    "lost": {"load": {"clients": 2, "senders": 1, "messages": 20, "timeout": 0.2}},
}


def drops(number: int, own: bool) -> int:
    return int(number != 7 or own)


def kept(results: Path, name: str, found: Outcome) -> Run:
    scenario = native(**SCENARIOS[name])
    writer = record.create(
        results,
        "load",
        settings="stock",
        transports={scenario.name: {}},
        seed=1,
        planned_passes=1,
        constants={"client": "raw", "target": "ws://localhost:1/"},
    )
    entries = [Benchmark(f"{each.measure}", each) for each in counts(scenario, found, str)]
    writer.add_pass(msgspec.json.encode(PassFile(entries)), order=[scenario.name], seconds=1)
    return writer.finish()


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Run]]:
    found = {}
    for name, tables in SCENARIOS.items():
        copies: Copies = drops if name == "lost" else everybody
        with faulty(copies) as port:
            outcome = loaded(port, native(**tables), Watching())
        found[name] = kept(tmp_path_factory.mktemp(name), name, outcome)
    yield found


def shown(run: Run) -> list[str]:
    console = Console(width=100, file=io.StringIO())
    screen.show(run, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def test_the_answer_is_first_and_all_is_on_one_screen(runs: dict[str, Run]) -> None:
    for name, run in runs.items():
        lines = shown(run)
        assert len(lines) <= 24, name
        assert lines[0] == "passed-on at ws://localhost:1/"
    assert "20 messages, nothing lost: answer p50 " in shown(runs["alone"])[1]
    assert shown(runs["lost"])[1].startswith("stopped after ")
    assert shown(runs["lost"])[2].startswith("VOID: 1 of 14 deliveries never came")
    assert "message 7 of client 0: " in shown(runs["lost"])[3]


def test_a_load_alone_has_the_figure_of_our_own_transports(runs: dict[str, Run]) -> None:
    rtt = record.BY_KEY["rtt_p50_us"]
    assert runs["alone"].values("passed-on", rtt)
    assert not runs["open"].values("passed-on", rtt)


def test_the_picture_has_both_latencies_and_what_a_closed_loop_says(runs: dict[str, Run]) -> None:
    canvas = plots.PICTURES["scenario"](runs["open"])
    assert canvas is not None
    nothing_overlaps(canvas)
    legible(canvas)
    said = texts(canvas)
    for name in ("answer", "answer, as a closed loop", "delivery", "delivery, as a closed loop"):
        assert name in said
    assert plots.PICTURES["scenario"](runs["lost"]) is None
    assert plots.PICTURES["answer"](runs["open"]) is None


def test_the_page_begins_with_the_answer(runs: dict[str, Run]) -> None:
    for name, word in (("alone", "nothing lost: "), ("lost", "VOID: ")):
        page = publish(runs[name]).read_text()
        assert "<h1>passed-on under load</h1>" in page
        assert word in page
