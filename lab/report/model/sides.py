"""Compares the two sides of a run: each replica with its original, pass by pass."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import msgspec
import numpy as np

from lab.measure.replicas import SIDES, is_replica, replica
from lab.measure.tolerance import Judged, judge, passes_for, tolerance_of
from lab.record import FIGURES, Figure, Run
from lab.report.model.comparison import Compared, Row, judged
from lab.report.model.summary import Summary, against, summarise

Place = tuple[str, str]
"""A figure's key, and a transport."""


class Noise(msgspec.Struct, frozen=True, kw_only=True):
    """How noisy one figure is between two equal servers.

    `ratio`: of the two. `deviation`: standard deviation of the log ratio of a pass; None after a
    single one. `passes`: how many would show that an equal server is within the tolerance; None:
    too many, or unknown. `differs`: these equal servers differ by more than the tolerance, so this
    machine can't judge the figure.
    """

    figure: str
    transport: str
    ratio: float
    deviation: float | None
    passes: int | None
    differs: bool


def compare_sides(run: Run, tolerance_percent: float, unstable: Collection[Place] = ()) -> Compared:
    """Compare and judge the two sides of a run. `unstable`: what the noise forbids to judge."""
    sides = run.info.constants[SIDES]
    first = next(name for name in run.transports if not is_replica(name))
    rows = judged(list(_rows(run)), tolerance_percent)
    return Compared(
        sides[replica(first)],
        sides[first],
        tolerance_percent,
        [_unstable(row) if (row.figure.key, row.transport) in unstable else row for row in rows],
        [],
    )


def noise(run: Run, tolerance_percent: float) -> list[Noise]:
    """The noise of each figure in a run whose two sides are equal."""
    rows = [row for row in _rows(run) if row.comparison is not None and row.figure.ratio]
    found = []
    for lower_is_better in (True, False):  # the replica may seem slower, or faster
        pairs = [(row.comparison, lower_is_better) for row in rows if row.comparison]
        found.append([each.outcome == "slower" for each in judge(pairs, tolerance_percent)])
    alarms = map(any, zip(*found, strict=True))
    return [
        _noise(run, row, tolerance_percent, alarm) for row, alarm in zip(rows, alarms, strict=True)
    ]


def _noise(run: Run, row: Row, tolerance_percent: float, differs: bool) -> Noise:
    assert row.comparison is not None
    ours, theirs = (
        run.values(name, row.figure) for name in (replica(row.transport), row.transport)
    )
    both = sorted(ours.keys() & theirs.keys())
    allowed = tolerance_of(tolerance_percent)
    logs = np.log([ours[index] / theirs[index] for index in both])
    deviation = float(logs.std(ddof=1)) if len(both) > 1 else None
    return Noise(
        figure=row.figure.key,
        transport=row.transport,
        ratio=row.comparison.ratio,
        deviation=deviation,
        passes=None if deviation is None else passes_for(deviation, allowed),
        differs=differs,
    )


def _rows(run: Run) -> Iterator[Row]:
    summary = summarise(run)
    for figure in (each for each in FIGURES if not each.of_client):
        for transport in run.transports:
            if not is_replica(transport) and (row := _row(run, summary, figure, transport)):
                yield row


def _row(run: Run, summary: Summary, figure: Figure, transport: str) -> Row | None:
    """The replica against its original; None if the run did not measure this figure."""
    found = summary.figure(figure.key)
    if found is None or replica(transport) not in found.cells:
        return None
    ours, theirs = found.cells[replica(transport)], found.cells[transport]
    marks = dict.fromkeys(cell.mark for cell in (ours, theirs) if cell.mark)
    if marks:
        return Row(figure, transport, ours, theirs, None, " and ".join(marks))
    compared = against(run, figure.key, ours.transport, theirs.transport)
    return Row(figure, transport, ours, theirs, compared, "")


def _unstable(row: Row) -> Row:
    why = "the base differs from itself on this machine"
    return row._replace(judged=Judged(outcome="can't tell"), why=why) if row.judged else row
