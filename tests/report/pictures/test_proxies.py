"""The picture of the proxies and its sentence say what the figures say."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console

from lab import record
from lab.measure.figures.proxies import DIRECT, EXPERIMENT, PROXIES
from lab.record import Run
from lab.report.pictures.proxies import proxies
from lab.report.text import tables
from lab.report.text.proxies import sentence
from tests.report.factory import ENVIRONMENT, Made, make
from tests.report.pictures.test_cost import bytes_of, entry
from tests.report.pictures.test_plots import legible, nothing_overlaps, texts

ADDED_US = {"websocket": 100, "sse": 300}
SILENCE: dict[str, dict[str, float | None]] = {
    "nginx": {"cut_after_s": 2.01, "kept_s": 6.0},
    "haproxy": {"cut_after_s": 2.0, "kept_s": 3.0},
    "caddy": {"cut_after_s": None, "kept_s": 6.0},
}


def entries(transport: str, added_us: float) -> Iterator[dict[str, Any]]:
    """What was measured of one transport. Caddy holds its last event."""
    paths = {}
    for place, path in enumerate((DIRECT, *PROXIES)):
        paths[path] = {
            "p50_ns": 200_000 + 1000 * added_us * place,
            "p99_ns": 900_000 + 1000 * added_us * place,
            "handshake": bytes_of(500 + 100 * place),
            "message": bytes_of(100),
            "at_once": 10 - (path == "caddy"),
        }
    yield entry(transport, EXPERIMENT, "paths", detail=paths)
    yield entry(transport, EXPERIMENT, "silence", detail=SILENCE)


def recorded(folder: Path) -> Run:
    about: dict[str, Any] = {name: {} for name in ADDED_US}
    writer = record.create(
        folder, "quick", transports=about, seed=1, planned_passes=1, environment=ENVIRONMENT
    )
    taken = [each for name, added_us in ADDED_US.items() for each in entries(name, added_us)]
    writer.add_pass(json.dumps({"benchmarks": taken}).encode(), order=list(ADDED_US), seconds=1)
    return writer.finish()


def test_the_sentence_says_what_each_proxy_adds_holds_and_cuts(tmp_path: Path) -> None:
    run = recorded(tmp_path)
    said = sentence(run)
    assert said is not None
    nginx, haproxy, caddy = said.split("; ")
    assert nginx.startswith(
        "nginx adds 100 to 300 µs to the RTT (p50), passes every event on at once"
    )
    assert nginx.endswith("cuts a silent WebSocket after 2.01 s: a heartbeat of 1 s prevents that")
    assert haproxy.endswith("a heartbeat of 1 s does not prevent that")
    assert "holds events until a response ends" in caddy
    assert caddy.endswith("does not cut a WebSocket that is silent for 6 s.")
    console = Console(width=600, file=io.StringIO())
    tables.show(run, console)
    assert isinstance(console.file, io.StringIO)
    assert said in console.file.getvalue()


def test_the_picture_names_transports_proxies_and_units(tmp_path: Path) -> None:
    canvas = proxies(recorded(tmp_path))
    assert canvas is not None
    nothing_overlaps(canvas)
    legible(canvas)
    assert {*ADDED_US, *PROXIES, "RTT, p50, µs", "handshake, B"} <= set(texts(canvas))


def test_a_run_without_a_proxy_has_neither(tmp_path: Path) -> None:
    run = make(tmp_path, Made(passes=1))
    assert proxies(run) is None
    assert sentence(run) is None
