"""A/A runs: what counts as a claim, how many are too many, what must be found."""

from __future__ import annotations

import io
import json
from pathlib import Path

from rich.console import Console

from lab.record import Run
from lab.report.model.aa import PLANTED_FIGURE, AgainstItself
from lab.report.model.summary import summarise
from lab.report.publish import publish
from lab.report.text import tables
from tests.report.factory import Made, make

TRANSPORTS = ("websocket", "websocket~2", "socketio-websocket", "socketio-websocket~2")


def outcome(run: Run) -> AgainstItself:
    found = summarise(run).against_itself
    assert found is not None
    return found


def test_equals_claim_little_and_that_is_no_fault(tmp_path: Path) -> None:
    found = outcome(make(tmp_path, Made(passes=8, transports=TRANSPORTS, samples=100)))
    assert found.comparisons == 24, (
        "12 figures of two transports; deliveries/s are not load-bound here"
    )
    assert {pair.transport for pair in found.pairs} == {"websocket", "socketio-websocket"}
    assert found.claims == sum(pair.claims for pair in found.pairs) <= found.tolerated
    assert (found.fault, found.tolerated) == (None, 3)
    assert f"over 24 comparisons of a transport with itself, {found.claims} claim" in found.verdict


def test_a_lab_that_sees_differences_everywhere_is_at_fault(tmp_path: Path) -> None:
    made = Made(passes=8, transports=TRANSPORTS, samples=100, scale={"websocket~2": 1.5})
    found = outcome(make(tmp_path, made))
    assert found.claims >= 10
    assert found.fault is not None
    assert (
        f"{found.claims} of 24 comparisons of a transport with itself claim a difference"
        in found.fault
    )


def test_a_planted_slowdown_has_to_be_found(tmp_path: Path) -> None:
    planted = {"planted_ns_per_delivery": {"websocket~2": 900, "socketio-websocket~2": 1900}}
    slow = dict.fromkeys(planted["planted_ns_per_delivery"], 1.3)
    constants = {**Made().constants, **planted}
    made = Made(passes=8, transports=TRANSPORTS, samples=100, scale=slow, constants=constants)
    found = outcome(make(tmp_path, made))
    assert found.found == ["websocket~2", "socketio-websocket~2"]
    assert found.fault is None
    assert found.verdict == "slowdowns planted into 2 transports, found in 2"

    made = Made(
        passes=8,
        transports=TRANSPORTS,
        samples=100,
        scale={"websocket~2": 1.3},
        constants=constants,
    )
    found = outcome(make(tmp_path, made))
    assert found.found == ["websocket~2"]
    assert found.fault == "a planted slowdown was not found: socketio-websocket"
    assert found.verdict.endswith("found in 1; not in socketio-websocket")


def test_too_few_passes_say_nothing_and_find_no_fault(tmp_path: Path) -> None:
    found = outcome(make(tmp_path, Made(passes=3, transports=TRANSPORTS, samples=50)))
    assert (found.comparisons, found.claims, found.fault) == (0, 0, None)
    assert found.verdict == "too few passes to compare a transport with itself"


def test_a_run_without_replicas_has_no_such_check(tmp_path: Path) -> None:
    run = make(tmp_path, Made(transports=("websocket", "socketio"), samples=50))
    assert summarise(run).against_itself is None


def test_the_outcome_is_shown_and_kept_with_the_run(tmp_path: Path) -> None:
    run = make(tmp_path, Made(passes=8, transports=TRANSPORTS, samples=100))
    console = Console(width=100, file=io.StringIO())
    tables.show(run, console)
    assert isinstance(console.file, io.StringIO)
    text = console.file.getvalue()
    assert "Each transport against itself" in text
    assert PLANTED_FIGURE.title in text
    assert "over 24 comparisons of a transport with itself" in " ".join(text.split())
    publish(run)
    kept = json.loads((run.folder / "summary.json").read_text())["against_itself"]
    assert (kept["comparisons"], kept["fault"], len(kept["pairs"])) == (24, None, 24)
