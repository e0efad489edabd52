"""The picture of durability: what it draws is what the run has, and nothing overlaps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lab.report.pictures.durability import durability
from tests.report.factory import Made, make
from tests.report.pictures.test_counted_pictures import entry, run_of
from tests.report.pictures.test_plots import legible, nothing_overlaps, texts


def measured(cpu_us: float, per_commit: float | None = None) -> dict[str, Any]:
    times = {"p50_ns": 1e6, "p99_ns": 2e6, "messages_per_s": 1000}
    kept = {} if per_commit is None else {"per_commit": per_commit}
    return {"cpu_ns": 1e3 * cpu_us, **times, **kept}


def kept(journals: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return entry("websocket", "durability", "durability", journals)


def test_each_journal_has_its_cost_and_its_commits(tmp_path: Path) -> None:
    run = run_of(
        tmp_path,
        [
            kept(
                {
                    "memory": {"1": measured(301), "16": measured(102)},
                    "normal": {"1": measured(333, 1), "16": measured(111, 8)},
                    "full": {"1": measured(444, 1), "16": measured(122, 10)},
                }
            )
        ],
    )
    canvas = durability(run)
    assert canvas is not None
    nothing_overlaps(canvas)
    legible(canvas)
    found = texts(canvas)
    for name in ("in memory", "--sync normal", "--sync full"):
        assert f"websocket {name}" in found
    for number in ("301", "102", "333", "111", "444", "122", "0.125", "0.100"):
        assert number in found
    assert found.count("–") == 2  # rooms in memory have no commits


def test_a_run_without_journals_has_none(tmp_path: Path) -> None:
    assert durability(make(tmp_path, Made(passes=1, samples=50))) is None
