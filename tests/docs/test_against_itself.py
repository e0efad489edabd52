"""The committed runs of every transport against itself: no more differences claimed than by
chance.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from lab import record
from lab.report.model.aa import AgainstItself
from lab.report.model.summary import summarise

RUNS = sorted((Path(__file__).parents[2] / "results" / "against-itself").iterdir())
AT_LEAST = 40
"""Comparisons: among fewer, three claims would say little."""


def outcome(folder: Path) -> AgainstItself:
    found = summarise(record.load(folder)).against_itself
    assert found is not None
    return found


@pytest.mark.parametrize("folder", RUNS, ids=lambda folder: folder.name)
def test_a_committed_run_finds_what_is_there_and_nothing_else(folder: Path) -> None:
    assert record.load(folder).info.status == "complete"
    assert outcome(folder).fault is None


def test_one_of_them_plants_nothing_and_compares_enough() -> None:
    outcomes = list(map(outcome, RUNS))
    assert [found for found in outcomes if not found.planted and found.comparisons >= AT_LEAST]
