"""A run's numbers, derived once: between the record and everything that shows them.

Tables, pictures, the page and summary.json all take their numbers from here, so that no two of them
can disagree. Nothing here is rounded.
"""

from __future__ import annotations

import dataclasses
import zlib
from collections import Counter
from functools import lru_cache
from typing import Any

import msgspec

from lab.measure import stats
from lab.measure.stats import Comparison, Interval
from lab.measure.twins import is_twin, original
from lab.record import FIGURES, Figure, Run, commit_of
from lab.report import aa, noise
from lab.report.aa import AgainstItself

SUMMARY_SCHEMA = 1
BASELINE = "websocket"
"""The wire that the others are compared with."""
FLOOR = "loopback"
"""The wire without a socket: what the harness itself costs."""


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of one wire. `interval` is None where the figure is void or not there.

    `mark` says why it takes no part in ratios: "void (lost N)", "load-bound", "not measured",
    "harness floor", a figure's own caveat; None where nothing stands against it. `saturated` is the
    side most passes had at its limit, with their number where the passes disagree. `against_itself`
    compares a twin with the wire that it is the twin of, `to_floor` any wire with the yardstick.
    """

    wire: str
    values: dict[int, float]
    interval: Interval | None = None
    mark: str | None = None
    saturated: str | None = None
    comparison: Comparison | None = None
    smallest_detectable: float | None = None
    against_itself: Comparison | None = None
    to_floor: Comparison | None = None


class FigureSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One figure, a cell per wire in the run's order. `floor`: the yardstick, where it is there."""

    key: str
    title: str
    unit: str
    experiment: str
    lower_is_better: bool
    cells: dict[str, Cell]
    counted: bool = False
    ratio: bool = True
    column: str = ""
    floor: str | None = None

    def comparisons(self) -> dict[str, Comparison]:
        """Wire -> how it compares with the baseline, where it does."""
        return {wire: one.comparison for wire, one in self.cells.items() if one.comparison}

    def established(self) -> dict[str, float]:
        """Wire -> ratio to the baseline, where the verdict is that they differ."""
        found = self.comparisons().items()
        return {wire: one.ratio for wire, one in found if one.verdict in ("faster", "slower")}


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """`summary.json`: everything derived from a run's raw passes.

    `passes` is how many valid passes the figures rest on. `baseline` is None where the run has no
    such wire: then there are no ratios.
    """

    schema: int
    run: str
    status: str
    passes: int
    baseline: str | None
    figures: list[FigureSummary]
    warnings: list[str]
    voids: list[str]
    against_itself: AgainstItself | None = None

    def of_experiment(self, experiment: str) -> list[FigureSummary]:
        """The figures of an experiment that were measured on at least one wire."""
        return [each for each in self.figures if each.experiment == experiment]

    def figure(self, key: str) -> FigureSummary | None:
        """The figure called `key`; None where this run did not measure it."""
        return next((each for each in self.figures if each.key == key), None)


@lru_cache(maxsize=4)
def of(run: Run) -> Summary:
    """Derive everything from the run's valid passes. The same run gives the same summary."""
    baseline = BASELINE if BASELINE in run.wires else None
    figures = [summed for figure in FIGURES if (summed := _figure(run, figure, baseline))]
    return Summary(
        schema=SUMMARY_SCHEMA,
        run=run.id,
        status=run.info.status,
        passes=_passes(figures),
        baseline=baseline,
        figures=figures,
        warnings=_warnings(run, figures, baseline),
        voids=_voids(run, figures),
        against_itself=aa.of(figures, run.info.constants.get("planted_ns_per_delivery", {})),
    )


def summarise(run: Run) -> dict[str, Any]:
    """`of`, as the JSON-able dict of summary.json."""
    found = msgspec.to_builtins(of(run), str_keys=True)
    assert isinstance(found, dict)
    return found


def against(run: Run, key: str, wire: str, other: str) -> Comparison | None:
    """How a figure of one wire compares with another's, over the passes that have both.

    None where the run has not both of them, or no ratio is taken of that figure.
    """
    figure = next((each for each in FIGURES if each.key == key), None)
    if figure is None or not figure.ratio or _mark(run, wire, figure):
        return None
    return _paired(run, wire, figure, other)


def _figure(run: Run, figure: Figure, baseline: str | None) -> FigureSummary | None:
    if figure.counted and _repeated(run, figure):
        figure = dataclasses.replace(figure, counted=False)
    cells = {wire: _cell(run, wire, figure, baseline) for wire in run.wires}
    if not any(cell.values or cell.saturated for cell in cells.values()):
        return None
    return FigureSummary(
        key=figure.key,
        title=figure.title,
        unit=figure.unit,
        experiment=figure.experiment,
        lower_is_better=figure.lower_is_better,
        cells=cells,
        counted=figure.counted,
        ratio=figure.ratio,
        column=figure.column,
        floor=figure.floor if figure.floor in run.wires else None,
    )


def _repeated(run: Run, figure: Figure) -> bool:
    """Whether what is taken once in most runs was taken in several passes of this one."""
    return any(len(run.values(wire, figure)) > 1 for wire in run.wires)


def _cell(run: Run, wire: str, figure: Figure, baseline: str | None) -> Cell:
    mark, values = _mark(run, wire, figure), run.values(wire, figure)
    shown = values and not (mark or "").startswith("void")
    seed = _seed(run, wire, figure)
    comparison = _comparison(run, wire, figure, baseline) if baseline and not mark else None
    itself = _comparison(run, wire, figure, original(wire)) if not mark else None
    return Cell(
        wire=wire,
        values=values,
        interval=stats.interval(list(values.values()), seed=seed) if shown else None,
        mark=mark,
        saturated=_saturated(run, wire, figure),
        comparison=comparison,
        smallest_detectable=stats.smallest_detectable(comparison) if comparison else None,
        against_itself=itself if is_twin(wire) else None,
        to_floor=_to_floor(run, wire, figure) if not mark else None,
    )


def _mark(run: Run, wire: str, figure: Figure) -> str | None:
    """Why this figure takes no part in ratios.

    One pass is reason enough: choosing among the passes those that went well would make the wire
    look better than it is.
    """
    readings = run.readings(wire, figure)
    if not readings:
        return "not measured"
    if lost := sum(each.lost for each in readings):
        return f"void (lost {lost})"
    if figure.load_bound and any(each.saturated in ("load", "both") for each in readings):
        return "load-bound"
    if caveat := next((each.caveat for each in readings if each.caveat), None):
        return caveat
    return "harness floor" if original(wire) == FLOOR else None


def _comparison(run: Run, wire: str, figure: Figure, baseline: str) -> Comparison | None:
    """The wire against the baseline, over the passes that have both."""
    taken = figure.ratio and not figure.counted and wire != baseline
    return _paired(run, wire, figure, baseline) if taken else None


def _to_floor(run: Run, wire: str, figure: Figure) -> Comparison | None:
    """How far the wire is from the yardstick, in one pass or in several."""
    floor = figure.floor
    taken = floor is not None and floor in run.wires and wire != floor
    return _paired(run, wire, figure, floor) if taken and floor is not None else None


def _paired(run: Run, wire: str, figure: Figure, baseline: str) -> Comparison | None:
    if _mark(run, baseline, figure):
        return None
    ours, theirs = run.values(wire, figure), run.values(baseline, figure)
    both = sorted(ours.keys() & theirs.keys())
    if not both or any(values[index] <= 0 for values in (ours, theirs) for index in both):
        return None
    return stats.paired_ratio(
        [ours[index] for index in both],
        [theirs[index] for index in both],
        lower_is_better=figure.lower_is_better,
        seed=_seed(run, wire, figure),
    )


def _saturated(run: Run, wire: str, figure: Figure) -> str | None:
    sides = Counter(each.saturated for each in run.readings(wire, figure))
    if not sides:
        return None
    side, passes = sides.most_common(1)[0]
    return side if len(sides) == 1 else f"{side} ({passes} of {sides.total()})"


def _seed(run: Run, wire: str, figure: Figure) -> int:
    """Every interval has its own random numbers, and the same ones each time it is derived."""
    return zlib.crc32(f"{run.info.seed} {wire} {figure.key}".encode())


def _warnings(run: Run, figures: list[FigureSummary], baseline: str | None) -> list[str]:
    values = {
        f"{figure.title} of {wire}": cell.values
        for figure in figures
        for wire, cell in figure.cells.items()
        if wire != FLOOR and cell.interval is not None and _varies(figure)
    }
    few = _few(_passes(figures)) if values else []
    others = {one.index: one.other_load_cores for one in run.info.passes}
    found = [
        *run.machine_warnings,
        *_mixed(run),
        *noise.other_load({pass_: load for pass_, load in others.items() if load is not None}),
        *noise.warnings({name: list(each.values()) for name, each in values.items()}),
        *noise.outliers(values),
        *few,
    ]
    if baseline is None:
        found.append(f"no ratios: {BASELINE}, which they are to, isn't among this run's wires")
    return found


def _varies(figure: FigureSummary) -> bool:
    """Whether it is repeated, and its spread by its size means something."""
    return figure.ratio and not figure.counted


def _mixed(run: Run) -> list[str]:
    """Where a run was gone on with at another commit, its passes may not be of one code."""
    begun = commit_of(run)
    later = [one.commit for one in run.info.resumed if one.commit != begun]
    if not later:
        return []
    return [f"begun at commit {begun}, and gone on with at {later[-1]}: check what lies between"]


def _passes(figures: list[FigureSummary]) -> int:
    """How many valid passes the figures rest on: a pass may measure something else altogether."""
    timed = (figure for figure in figures if not figure.counted)
    counts = (len(cell.values) for figure in timed for cell in figure.cells.values())
    return max(counts, default=0)


def _few(passes: int) -> list[str]:
    if passes >= stats.FEWEST_PASSES:
        return []
    return [
        f"{passes} valid passes: intervals and verdicts need {stats.FEWEST_PASSES} "
        f"(lab bench --passes {stats.FEWEST_PASSES})"
    ]


def _voids(run: Run, figures: list[FigureSummary]) -> list[str]:
    """What doesn't count, and why: whole passes, then figures."""
    passes = [f"pass {each.index}: {each.void}" for each in run.void_passes]
    return passes + [
        f"{figure.title} of {wire}: {cell.mark}"
        for figure in figures
        for wire, cell in figure.cells.items()
        if cell.mark and cell.mark.startswith("void")
    ]
