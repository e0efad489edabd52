"""Writes a run in the formats of other tools.

Each format is a function from a run to a text. `LEFT_OUT` says which figures a format can't carry.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgspec
from pytest_benchmark.stats import Stats

from lab.record import FIGURES, Figure, Run, commit_of
from lab.report.model.cells import Cell
from lab.report.model.summary import summarise

SECONDS = {"ms": 1e-3, "µs": 1e-6, "ns": 1e-9}
"""Unit of time -> its size in seconds."""
PYTEST_BENCHMARK = "5.3.1"
"""The version of pytest-benchmark whose format is written."""


class Measured(NamedTuple):
    """One figure of one transport that a run has."""

    figure: Figure
    cell: Cell

    @property
    def name(self) -> str:
        return f"{self.cell.transport}: {self.figure.title}"


def in_csv(run: Run) -> str:
    """A row for each figure, transport and pass (RFC 4180)."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(("run", "experiment", "figure", "transport", "pass", "value", "unit", "mark"))
    for each in measured(run):
        for index, value in each.cell.values.items():
            figure, cell = each
            writer.writerow(
                (
                    run.id,
                    figure.experiment,
                    figure.key,
                    cell.transport,
                    index,
                    value,
                    figure.unit,
                    cell.mark or "",
                )
            )
    return buffer.getvalue()


def in_pytest_benchmark(run: Run) -> str:
    """The JSON of `pytest --benchmark-json`, with each time as a benchmark over the passes.

    The statistics are pytest-benchmark's own, in seconds.
    """
    found = (each for each in measured(run) if each.figure.unit in SECONDS and not each.cell.mark)
    return _json(
        {
            "machine_info": _machine(run),
            "commit_info": {"id": commit_of(run) or "unversioned", **_git(run)},
            "benchmarks": [_benchmark(each) for each in found],
            "datetime": run.info.started,
            "version": PYTEST_BENCHMARK,
        }
    )


def in_github_action(run: Run) -> str:
    """What github-action-benchmark reads as `customSmallerIsBetter`."""
    found = (each for each in measured(run) if each.figure.lower_is_better and each.cell.interval)
    return _json([_entry(each) for each in found if not each.cell.mark])


def in_bencher(run: Run) -> str:
    """Bencher's metric format: transport -> measure -> value and bounds (bencher.dev/bmf.json)."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for figure, cell in measured(run):
        if cell.mark or cell.interval is None:
            continue
        metric = {"value": cell.interval.median}
        if cell.interval.low is not None and cell.interval.high is not None:
            metric |= {"lower_value": cell.interval.low, "upper_value": cell.interval.high}
        found.setdefault(cell.transport, {})[figure.key.replace("_", "-")] = metric
    return _json(found)


FORMATS: dict[str, Callable[[Run], str]] = {
    "csv": in_csv,
    "pytest-benchmark": in_pytest_benchmark,
    "github-action-benchmark": in_github_action,
    "bencher": in_bencher,
}
"""Name of a format -> the function that writes it."""

LEFT_OUT: dict[str, str] = {
    "pytest-benchmark": "figures that are no times, since its statistics are in seconds",
    "github-action-benchmark": "figures of which more is better, since one file has one direction",
}
"""Format -> what it can't carry. A figure that is void is left out of all but CSV."""


def measured(run: Run) -> Iterator[Measured]:
    """Each figure of each transport that has a value."""
    summary = summarise(run)
    for figure in FIGURES:
        found = summary.figure(figure.key)
        for cell in found.cells.values() if found else ():
            if cell.values:
                yield Measured(figure, cell)


def _benchmark(each: Measured) -> dict[str, Any]:
    figure, cell = each
    stats = Stats()
    for value in cell.values.values():
        stats.update(value * SECONDS[figure.unit])
    name = f"{figure.key}[{cell.transport}]"
    return {
        "group": f"{figure.experiment}: {figure.title}",
        "name": name,
        "fullname": f"{figure.experiment}::{name}",
        "params": {"transport": cell.transport},
        "param": cell.transport,
        "extra_info": {"unit": figure.unit},
        "options": {"disable_gc": False, "timer": "perf_counter", "warmup": False},
        "stats": {**stats.as_dict(), "iterations": 1, "data": stats.data},
    }


def _entry(each: Measured) -> dict[str, Any]:
    interval = each.cell.interval
    assert interval is not None
    entry = {"name": each.name, "unit": each.figure.unit, "value": interval.median}
    if interval.low is not None and interval.high is not None:
        entry["range"] = f"± {(interval.high - interval.low) / 2:.4g}"
    return {**entry, "extra": f"median of {interval.passes} passes"}


def _machine(run: Run) -> dict[str, Any]:
    """What pytest-benchmark's own tools read of the machine."""
    python, system = (run.environment.get(name) or {} for name in ("python", "system"))
    machine = run.environment.get("machine") or {}
    return {
        "node": "",
        "processor": machine.get("cpu") or "",
        "machine": machine.get("architecture") or "",
        "python_implementation": python.get("implementation") or "",
        "python_version": python.get("version") or "",
        "system": system.get("name") or "",
        "release": system.get("kernel") or "",
        "cpu": {"brand_raw": machine.get("cpu") or "", "count": machine.get("cores")},
    }


def _git(run: Run) -> dict[str, Any]:
    return {"dirty": bool((run.environment.get("git") or {}).get("dirty"))}


def _json(document: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(document), indent=1).decode() + "\n"
