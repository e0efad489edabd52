"""A storm's picture and its advice say what the figures say."""

from __future__ import annotations

import html
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console

from lab import record
from lab.measure import histogram
from lab.measure.figures.storm import BACK_OFFS, EXPERIMENT
from lab.record import Run
from lab.report.pictures.storm import storm
from lab.report.publish import publish
from lab.report.text import tables
from lab.report.text.storm import sentence
from tests.report.factory import ENVIRONMENT, Made, make
from tests.report.pictures.test_cost import entry
from tests.report.pictures.test_plots import legible, nothing_overlaps, texts

CPU_MS = {"websocket": 1, "socketio-polling": 3}
BUSIEST = {
    "at_once": 0.9,
    "fixed_500": 0.7,
    "jitter_500": 0.4,
    "fixed_2000": 0.6,
    "jitter_2000": 0.1,
}


def entries(transport: str, cpu_ms: float) -> Iterator[dict[str, Any]]:
    """A hundred clients of one transport, by each back-off."""
    for measure, back_off in BACK_OFFS.items():
        back_ns = [700_000_000 + back_off.window_ms * 10_000 * n for n in range(1, 101)]
        detail = {
            "down_ns": 700_000_000,
            "failed_attempts": 100 * len(measure),
            "busiest_share": BUSIEST[measure],
        }
        yield entry(
            transport,
            EXPERIMENT,
            measure,
            **dict.fromkeys(("operations", "expected", "delivered"), 100),
            server_cpu_ns=round(cpu_ms * 100e6),
            samples_hdr=histogram.encode(histogram.from_samples(back_ns)),
            detail=detail,
        )


def recorded(folder: Path) -> Run:
    about: dict[str, Any] = {name: {} for name in CPU_MS}
    writer = record.create(
        folder,
        "quick",
        transports=about,
        seed=1,
        planned_passes=1,
        environment=ENVIRONMENT,
    )
    taken = [each for name, cpu_ms in CPU_MS.items() for each in entries(name, cpu_ms)]
    writer.add_pass(json.dumps({"benchmarks": taken}).encode(), order=list(CPU_MS), seconds=1)
    return writer.finish()


def test_the_advice_is_the_calmest_back_off_and_its_window(tmp_path: Path) -> None:
    run = recorded(tmp_path)
    advice = sentence(run)
    assert advice is not None
    assert advice.startswith("Give each client a random pause up to 2 s before each attempt:")
    assert "took 10.0 % of a core, and 90.0 % with no pause" in advice
    assert "up to 20.0 s (websocket) to 60.0 s (socketio-polling)" in advice
    assert advice in html.unescape(publish(run).read_text(encoding="utf-8"))
    console = Console(width=400, file=io.StringIO())
    tables.show(run, console)
    assert isinstance(console.file, io.StringIO)
    assert advice in console.file.getvalue()


def test_the_picture_names_transports_back_offs_and_units(tmp_path: Path) -> None:
    canvas = storm(recorded(tmp_path))
    assert canvas is not None
    nothing_overlaps(canvas)
    legible(canvas)
    shown = texts(canvas)
    assert {*CPU_MS, "no pause", "pause 0 to 2 s"} <= set(shown)
    assert any(text.endswith("% of a core") for text in shown)
    assert any(text.startswith("100 clients") for text in shown)


def test_a_run_without_a_storm_has_neither(tmp_path: Path) -> None:
    run = make(tmp_path, Made(passes=1))
    assert storm(run) is None
    assert sentence(run) is None
