"""The picture of joined nodes and their sentences say what the figures say."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from lab import record
from lab.measure.figures.nodes import ALONE, CASES, EXPERIMENT
from lab.record import Run
from lab.report.pictures.nodes import nodes
from lab.report.text import tables
from lab.report.text.nodes import sentence
from tests.report.factory import ENVIRONMENT, Made, make
from tests.report.pictures.test_cost import entry
from tests.report.pictures.test_plots import legible, nothing_overlaps, texts

LIBRARY = "socketio-websocket+redis-manager"
CPU_US = {"websocket": 10, LIBRARY: 40}


def entries(transport: str, cpu_us: float, cores_used: float = 1.0) -> Iterator[dict[str, Any]]:
    """What was measured of one transport: each further case costs as much again."""
    found: dict[str, Any] = {}
    for place, case in enumerate(CASES, 1):
        cost = {
            "cpu_ns": 1000 * cpu_us * place,
            "per_s": 1e6 / cpu_us,
            "redis_ns": 20_000,
            "load_share": 0.25,
            "cores_used": cores_used,
        }
        found[case] = {"10": cost, "100": cost}
    times = {"p50_ns": 100_000, "p99_ns": 400_000}
    found[ALONE] |= times
    found["2"] |= {name: 5 * ns for name, ns in times.items()} | {"foreign_ns": 30_000}
    for case in ("2", "4"):
        found[case]["wasted"] = 0.5
    yield entry(transport, EXPERIMENT, "nodes", detail=found)


def recorded(folder: Path, cores_used: float = 1.0) -> Run:
    about: dict[str, Any] = {name: {} for name in CPU_US}
    writer = record.create(
        folder, "quick", transports=about, seed=1, planned_passes=1, environment=ENVIRONMENT
    )
    taken = [it for name, cpu_us in CPU_US.items() for it in entries(name, cpu_us, cores_used)]
    writer.add_pass(json.dumps({"benchmarks": taken}).encode(), order=list(CPU_US), seconds=1)
    return writer.finish()


@pytest.mark.parametrize(
    ("cores_used", "says"),
    [
        (1.0, "share 2 cores, of which up to 50% were in use: none was saturated."),
        (1.9, "up to 95% were in use: they were saturated, so compare the CPU time and not"),
    ],
)
def test_the_sentence_says_what_joined_nodes_cost_and_who_was_saturated(
    tmp_path: Path, cores_used: float, says: str
) -> None:
    run = recorded(tmp_path, cores_used)
    said = sentence(run)
    assert said is not None
    assert said.startswith(
        "Over 2 joined nodes a delivery to a room of 100 costs 3.00× (websocket) the CPU of a "
        "node alone, and the backplane adds 400 µs (websocket) (p50). With 4 joined nodes, 50.0 % "
        "(websocket) of the reads are wasted."
    )
    assert says in said
    console = Console(width=1000, file=io.StringIO())
    tables.show(run, console)
    assert isinstance(console.file, io.StringIO)
    assert said in console.file.getvalue()


def test_the_picture_names_labels_cases_and_units(tmp_path: Path) -> None:
    canvas = nodes(recorded(tmp_path))
    assert canvas is not None
    nothing_overlaps(canvas)
    legible(canvas)
    shown = {*CPU_US, "1 joined node", "4 joined nodes", "room of 100, µs"}
    assert shown <= set(texts(canvas))


def test_a_run_without_joined_nodes_has_neither(tmp_path: Path) -> None:
    run = make(tmp_path, Made(passes=1))
    assert nodes(run) is None
    assert sentence(run) is None
