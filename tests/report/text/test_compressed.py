"""The experiment compression is shown beside the same transport without compression."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from rich.console import Console

from lab import record
from lab.measure.figures import compression as figures
from lab.measure.figures.compression import QUANTITIES, SIZES, TEXTS
from lab.record import Run
from lab.report.pictures.compression import compression
from lab.report.text import compressed, over_tls, tables
from lab.weigh import samples
from tests.report.factory import ENVIRONMENT
from tests.report.pictures.test_cost import entry

LABELS = ("websocket", "websocket+stock", "websocket+15:6", "sse", "sse+15:6")
SAVED = {"websocket+stock": 0.5, "websocket+15:6": 0.25}


def entries(labels: tuple[str, ...], pass_: int) -> list[dict[str, Any]]:
    found = []
    for label in labels:
        share = SAVED.get(label, 1)
        for kind in TEXTS:
            for size in SIZES:
                cost = {"up": {"http": 0}, "down": {"http": size * share}}
                use = {"server_cpu_ns": 8_000 + 100 * pass_, "load_cpu_ns": round(40_000 / share)}
                found += [
                    measured(label, f"bytes {kind}", size, detail={"cost": cost}),
                    measured(label, f"texts {kind}", size, **use),
                ]
        memory = {"before_bytes": 0, "joined_bytes": 2_048_000, "connections": 200}
        found.append(measured(label, "memory", None, detail=memory))
    return found


def measured(label: str, what: str, size: int | None, **more: Any) -> dict[str, Any]:
    return entry(label, figures.EXPERIMENT, what, payload_bytes=size, **more)


def recorded(folder: Path, labels: tuple[str, ...] = LABELS, passes: int = 5) -> Run:
    about: dict[str, Any] = {label: {} for label in labels}
    writer = record.create(
        folder, "quick", transports=about, seed=1, planned_passes=passes, environment=ENVIRONMENT
    )
    for number in range(passes):
        written = json.dumps({"benchmarks": entries(labels, number)}).encode()
        writer.add_pass(written, order=labels, seconds=1)
    return writer.finish()


def shown(run: Run) -> str:
    console = Console(file=io.StringIO(), width=120)
    tables.show(run, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_each_transport_has_a_table_for_each_quantity(tmp_path: Path) -> None:
    run = recorded(tmp_path)
    text = shown(run)
    for transport in ("websocket", "sse"):
        for quantity in ("bytes", "server", "both"):
            assert f"{transport}: {QUANTITIES[quantity][1]}" in " ".join(text.split())
    assert "websocket+15:6 10.0 (1.00×" in str(compressed.memory_sentence(run))
    header, _, first, *_ = compressed.markdown(run, "websocket", "bytes").splitlines()
    assert header == "| | off | stock | 15:6 |"
    assert first.startswith("| chat, 64 B | 64.0 | 32.0 (0.50×")
    assert "16.0 (0.25×" in first
    assert over_tls.table(run) is None, "its figures have tables of their own"


def test_the_picture_compares_with_the_transport_itself(tmp_path: Path) -> None:
    run = recorded(tmp_path)
    canvas = compression(run)
    assert canvas is not None
    left, right = canvas.axes
    assert widths(left) == {0.5, 0.25}
    assert min(widths(right)) > 1
    assert [label.get_text() for label in left.get_yticklabels()] == list(TEXTS)


def widths(ax: Axes) -> set[float]:
    return {round(bar.get_width(), 2) for bar in ax.patches if isinstance(bar, Rectangle)}


def test_a_run_without_compression_has_neither(tmp_path: Path) -> None:
    run = recorded(tmp_path, ("websocket",), 1)
    assert compression(run) is None
    assert compressed.memory_sentence(run) is not None


def test_the_kinds_are_those_that_can_be_weighed() -> None:
    assert set(TEXTS) == set(samples.KINDS)
