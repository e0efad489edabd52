"""The committed runs of the gate: equal servers raise no alarm, a planted slowdown is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab import record
from lab.measure.replicas import is_replica
from lab.record import Run
from lab.report.model.sides import compare_sides

FOLDERS = sorted((Path(__file__).parents[2] / "results" / "gate").iterdir())
AT_LEAST = 40
"""Comparisons between equal servers."""


@pytest.fixture(scope="module")
def runs() -> dict[str, Run]:
    return {folder.name: record.load(folder) for folder in FOLDERS}


def planted(run: Run) -> bool:
    return bool(run.info.constants.get("planted_ns_per_delivery"))


@pytest.mark.parametrize("name", [folder.name for folder in FOLDERS])
def test_a_run_of_the_gate_is_whole(runs: dict[str, Run], name: str) -> None:
    run = runs[name]
    assert run.info.status == "complete"
    assert run.void_passes == []
    assert run.environment["git"]["commit"]


def test_equal_servers_raise_no_alarm(runs: dict[str, Run]) -> None:
    compared = [compare_sides(run, 5) for run in runs.values() if not planted(run)]
    assert sum(len([row for row in each.rows if row.judged]) for each in compared) >= AT_LEAST
    assert [row for each in compared for row in each.of("slower")] == []


def test_a_planted_slowdown_is_found_on_each_transport(runs: dict[str, Run]) -> None:
    slowed = [run for run in runs.values() if planted(run)]
    assert slowed
    for run in slowed:
        found = {row.transport for row in compare_sides(run, 2).of("slower")}
        assert found == {name for name in run.transports if not is_replica(name)}
