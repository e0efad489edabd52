"""Reads the evidence: a run of the user's, if there is one, and the packaged reference."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lab import record
from lab.answer import reference
from lab.answer.evidence import QUANTITIES, Evidence
from lab.answer.extract import measurements
from lab.record import BY_KEY, Run

FIGURES = tuple(figure for quantity in QUANTITIES for figure in quantity.figures)


def gather(name: str | None, places: Sequence[Path]) -> Evidence:
    """The evidence with the run `name`, or with the newest run here that has any of it.

    Without a name and without such a run, the reference is all there is. Raises RecordError if the
    named run can't be read.
    """
    own = record.find(name, places)[0] if name is not None else _newest(places)
    packaged = tuple(reference.load().runs)
    return Evidence((measurements(own, FIGURES),) if own else (), packaged)


def _newest(places: Sequence[Path]) -> Run | None:
    runs, _ = record.list_runs(places)
    return next((run for run in reversed(runs) if _has_any(run)), None)


def _has_any(run: Run) -> bool:
    return any(run.values(each, BY_KEY[key]) for each in run.transports for key in FIGURES)
