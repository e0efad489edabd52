"""The picture of latency against offered rate: its claims and its legibility."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure as Canvas
from rich.console import Console

from lab import record
from lab.report.pictures.load import load
from lab.report.publish import publish
from lab.report.text import tables
from tests.report.factory import ENVIRONMENT, Made, make
from tests.report.pictures.test_plots import legible, nothing_overlaps, texts

MS = 1_000_000
TRANSPORTS = (
    "websocket",
    "websocket-aiohttp",
    "socketio-websocket",
    "socketio-polling",
    "socketio",
)


def step(rate: float, p99_ms: float | None, outcome: str = "held") -> dict[str, Any]:
    p99_ns = None if p99_ms is None else int(p99_ms * MS)
    return {
        "rate_per_s": rate,
        "p50_ns": None if p99_ns is None else p99_ns // 3,
        "p99_ns": p99_ns,
        "outcome": outcome,
    }


def knee(rate: float | None, limit: str, *steps: dict[str, Any]) -> dict[str, Any]:
    rooms = {"arrivals": "poisson", "rooms": 10, "members_per_room": 1}
    found = {"rate_per_s": rate, "limit": limit, "why": "", "p99_bound_ns": 50 * MS}
    return {**found, "steps": list(steps), **rooms}


KNEES = {
    "websocket": knee(3200, "load", step(1600, 4), step(3200, 9), step(6400, 80, "load-bound")),
    "websocket-aiohttp": knee(6400, "ceiling", step(3200, 3), step(6400, 7)),
    "socketio-websocket": knee(
        1600, "knee", step(1600, 90, "slow"), step(1600, 30), step(2262, 700, "slow")
    ),
    "socketio-polling": knee(400, "knee", step(400, 20), step(800, None, "lost")),
    "socketio": knee(None, "floor", step(400, 90, "slow"), step(100, 60, "slow")),
}


def entry(transport: str, found: dict[str, Any]) -> dict[str, Any]:
    info = {
        "transport": transport,
        "experiment": "load",
        "measure": "knee",
        **dict.fromkeys(("operations", "expected", "delivered", "lost"), 0),
        "wall_ns": 1,
        "load_cpu_ns": 1,
        "load_share": 0.5,
        "saturated": "neither",
        "detail": found,
    }
    return {"name": f"test_knee[{transport}]", "extra_info": info}


@pytest.fixture
def run(tmp_path: Path) -> record.Run:
    writer = record.create(
        tmp_path,
        "full",
        transports={transport: {} for transport in TRANSPORTS},
        seed=1,
        planned_passes=1,
        environment=ENVIRONMENT,
    )
    entries = [entry(transport, KNEES[transport]) for transport in TRANSPORTS]
    writer.add_pass(json.dumps({"benchmarks": entries}).encode(), order=TRANSPORTS, seconds=1)
    return writer.finish()


def drawn(run: record.Run) -> Canvas:
    canvas = load(run)
    assert canvas is not None
    return canvas


def test_what_is_a_lower_bound_is_never_shown_as_the_servers_limit(run: record.Run) -> None:
    found = texts(drawn(run))
    assert "websocket ≥ 3 200/s: client's limit" in found
    assert "websocket-aiohttp ≥ 6 400/s: no higher was tried" in found
    assert "socketio-websocket holds 1 600/s" in found
    assert "socketio-polling holds 400/s" in found
    assert "socketio no rate was held" in found
    assert "websocket-aiohttp holds at least 6 400 messages a second, socketio-polling 400" in found


def test_it_can_be_read(run: record.Run) -> None:
    nothing_overlaps(drawn(run))
    legible(drawn(run))


def test_it_is_left_out_of_a_run_without_such_a_search(tmp_path: Path) -> None:
    other = make(tmp_path, Made(passes=1, samples=50))
    assert load(other) is None
    publish(other)
    names = {path.stem for path in (other.folder / "pictures").iterdir()}
    assert "answer" in names
    assert "load" not in names


def test_it_is_in_the_page_of_a_run_with_one(run: record.Run) -> None:
    page = publish(run).read_text()
    assert (run.folder / "pictures" / "load.png").stat().st_size
    assert "Latency against offered rate" in page


def test_the_table_marks_lower_bounds(run: record.Run) -> None:
    console = Console(width=100, file=io.StringIO())
    tables.show(run, console)
    assert isinstance(console.file, io.StringIO)
    lines = [line.split(maxsplit=1) for line in console.file.getvalue().splitlines()]
    rows = {line[0]: line[1].strip() for line in lines if len(line) == 2}
    assert rows["websocket"] == "≥ 3200"
    assert rows["socketio-polling"] == "400"
