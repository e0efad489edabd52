"""Ratios to the limit transports, and counted experiments with several passes."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from lab.record import Run
from lab.report import html
from lab.report.model.cells import FigureSummary
from lab.report.model.summary import summarise
from lab.report.text import tables
from tests.report.factory import Made, begin

CPU_US = {
    "websocket": 8.0,
    "websocket-tuned": 0.5,
    "limit-tcp": 6.0,
    "limit-gathered": 0.4,
}
ONE, SIXTEEN, WRITES = "one_cpu_us_100", "window_cpu_us_100", "window_per_write_100"


def entry(transport: str, measure: str, weather: float) -> dict[str, Any]:
    """A room of 100 in which 50 messages were said, as the suite records it."""
    delivered = 50 * 100
    cpu_ns = int(CPU_US[transport] * 1e3 * delivered * weather)
    info = {
        "transport": transport,
        "experiment": "fan_out",
        "measure": measure,
        "room_size": 100,
        "window": 1 if measure == "one_at_a_time" else 16,
        "payload_bytes": 64,
        "operations": 50,
        "samples_hdr": None,
        "expected": delivered,
        "delivered": delivered,
        "lost": 0,
        "wall_ns": 2 * cpu_ns,
        "server_cpu_ns": cpu_ns,
        "load_cpu_ns": cpu_ns,
        "server_share": 0.5,
        "load_share": 0.5,
        "saturated": "neither",
        "client": "raw",
        "detail": {"per_write": 1.0 if measure == "one_at_a_time" else 16.0},
    }
    name = f"test_{measure}[{transport}-100]"
    return {"name": name, "group": "fan_out", "params": {}, "stats": {}, "extra_info": info}


def made(results: Path, passes: int, transports: tuple[str, ...] = tuple(CPU_US)) -> Run:
    """A run of only fan-out, with this many passes, each with its own disturbance."""
    constants = {"window": 16, "payload_bytes": 64, "client": "raw"}
    writer = begin(results, Made(passes=passes, transports=transports, constants=constants))
    for index in range(passes):
        weather = 1 + 0.1 * index
        found = [
            entry(transport, measure, weather)
            for transport in transports
            for measure in ("one_at_a_time", "window")
        ]
        raw = json.dumps({"machine_info": {}, "benchmarks": found, "version": "5.3.1"}).encode()
        writer.add_pass(raw, order=transports, seconds=1)
    return writer.finish()


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return made(tmp_path_factory.mktemp("once"), 1)


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return made(tmp_path_factory.mktemp("several"), 5)


def figure(run: Run, key: str) -> FigureSummary:
    found = summarise(run).figure(key)
    assert found is not None
    return found


def printed(run: Run, width: int) -> str:
    console = Console(file=io.StringIO(), width=width, record=True)
    tables.show(run, console)
    return console.export_text()


def test_the_limit_is_one_write_a_delivery_alone_and_a_gathered_one_for_a_window(
    several: Run,
) -> None:
    alone, window = figure(several, ONE), figure(several, SIXTEEN)
    assert (alone.limit, window.limit) == ("limit-tcp", "limit-gathered")
    for found in (alone, window):
        for transport, cell in found.cells.items():
            if transport == found.limit:
                assert cell.to_limit is None
                continue
            assert cell.to_limit is not None
            assert cell.to_limit.ratio == pytest.approx(
                CPU_US[transport] / CPU_US[str(found.limit)]
            )
            assert cell.to_limit.passes == 5


def test_without_the_limit_there_is_no_such_column(tmp_path: Path) -> None:
    run = made(tmp_path, 5, ("websocket", "websocket-tuned"))
    assert figure(run, SIXTEEN).limit is None
    assert all(cell.to_limit is None for cell in figure(run, SIXTEEN).cells.values())
    assert "× limit" not in printed(run, 200).partition("Medians over")[0]


def test_what_is_taken_in_several_passes_has_intervals_and_ratios(several: Run) -> None:
    found = figure(several, SIXTEEN)
    assert not found.counted
    comparison = found.cells["websocket-tuned"].comparison
    assert comparison is not None
    assert (comparison.verdict, comparison.passes) == ("faster", 5)
    assert comparison.ratio == pytest.approx(0.5 / 8)


def test_what_is_taken_once_is_shown_beside_its_distance_and_compared_with_nothing(
    once: Run,
) -> None:
    found = figure(once, SIXTEEN)
    assert found.counted
    assert found.cells["websocket"].comparison is None
    to_limit = found.cells["websocket"].to_limit
    assert to_limit is not None
    assert to_limit.passes == 1
    assert to_limit.ratio == pytest.approx(20)


@pytest.mark.parametrize("width", [80, 200])
def test_the_tables_have_the_distance_at_any_width(several: Run, once: Run, width: int) -> None:
    assert "× limit" in printed(several, width)
    assert "20.0" in printed(several, width)
    assert "limit" in printed(once, width)
    assert all(len(line) <= width for line in printed(several, width).splitlines())


def test_of_messages_in_a_write_no_ratio_is_taken(several: Run) -> None:
    found = figure(several, WRITES)
    assert all(cell.comparison is None for cell in found.cells.values())
    section = printed(several, 200).partition("messages in one write or poll")[2]
    rows = [line for line in section.splitlines()[1:5] if line.strip()]
    assert len(rows) == 4
    assert all("no ratio" in row for row in rows)


def test_the_page_has_the_distance_too(several: Run) -> None:
    page = html.page(several, {})
    assert "ratio to limit-gathered" in page
    assert "no ratio is taken" in page
