"""Derives all numbers of a run that tables, pictures and pages show.

Tables, pictures, the page and summary.json use these numbers, so they can't disagree. Nothing is
rounded here.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from functools import lru_cache

import msgspec

from lab.measure import stats
from lab.measure.figures.scenario import EXPERIMENT as SCENARIO
from lab.measure.replicas import SIDES, is_replica, original
from lab.measure.stats import Comparison
from lab.record import BY_KEY, FIGURES, Figure, Run, commit_of
from lab.record.paired import NO_SOCKET, against, mark, paired
from lab.record.paired import seed as seed_of
from lab.report.model import aa, noise
from lab.report.model.aa import AgainstItself
from lab.report.model.cells import Cell, FigureSummary

__all__ = ["BASELINE", "NO_SOCKET", "Summary", "against", "summarise"]

SUMMARY_SCHEMA = 2
BASELINE = "websocket"
"""The transport that the others are compared with."""


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """`summary.json`: all that is derived from a run's raw passes.

    `passes`: how many valid passes the figures are of. `baseline` is None if the run does not have
    that transport. Then there are no ratios.
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
        """The figures of an experiment that were measured on at least one transport."""
        return [each for each in self.figures if each.experiment == experiment]

    def figure(self, key: str) -> FigureSummary | None:
        """The figure `key`; None if this run did not measure it."""
        return next((each for each in self.figures if each.key == key), None)

    def medians(self, key: str) -> dict[str, float]:
        """Transport -> the median of the figure `key`, in its unit; without those that lack it."""
        figure = self.figure(key)
        cells = figure.cells.items() if figure else ()
        return {name: cell.interval.median for name, cell in cells if cell.interval is not None}


@lru_cache(maxsize=4)
def summarise(run: Run) -> Summary:
    """Derive the summary from the run's valid passes. The same run gives the same summary."""
    baseline = BASELINE if BASELINE in run.transports else None
    figures = [summed for figure in FIGURES if (summed := _figure(run, figure, baseline))]
    planted = run.info.constants.get("planted_ns_per_delivery", {})
    return Summary(
        schema=SUMMARY_SCHEMA,
        run=run.id,
        status=run.info.status,
        passes=_passes(figures),
        baseline=baseline,
        figures=figures,
        warnings=_warnings(run, figures, baseline),
        voids=_voids(run, figures),
        against_itself=None if _has_two_versions(run) else aa.against_itself(figures, planted),
    )


def _has_two_versions(run: Run) -> bool:
    """Whether replicas differ from their originals: the run compares two versions."""
    return len(set(run.info.constants.get(SIDES, {}).values())) > 1


def _figure(run: Run, figure: Figure, baseline: str | None) -> FigureSummary | None:
    if figure.counted and _repeated(run, figure):
        figure = dataclasses.replace(figure, counted=False)
    cells = {transport: _cell(run, transport, figure, baseline) for transport in run.transports}
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
        limit=run.limit(figure.limit) if figure.limit else None,
    )


def _repeated(run: Run, figure: Figure) -> bool:
    """Whether this run has several passes of a figure that most runs measure once."""
    return any(len(run.values(transport, figure)) > 1 for transport in run.transports)


def _cell(run: Run, transport: str, figure: Figure, baseline: str | None) -> Cell:
    why, values = mark(run, transport, figure), run.values(transport, figure)
    shown = values and not (why or "").startswith("void")
    seed = seed_of(run, transport, figure)
    comparison = _comparison(run, transport, figure, baseline) if baseline and not why else None
    itself = _comparison(run, transport, figure, original(transport)) if not why else None
    return Cell(
        transport=transport,
        values=values,
        interval=stats.interval(list(values.values()), seed=seed) if shown else None,
        mark=why,
        saturated=_saturated(run, transport, figure),
        comparison=comparison,
        smallest_detectable=stats.smallest_detectable(comparison) if comparison else None,
        against_itself=itself if is_replica(transport) else None,
        to_limit=_to_limit(run, transport, figure) if not why else None,
    )


def _comparison(run: Run, transport: str, figure: Figure, baseline: str) -> Comparison | None:
    """Compare the transport with the baseline, over the passes that have both."""
    taken = figure.ratio and not figure.counted and transport != baseline
    return paired(run, transport, figure, baseline) if taken else None


def _to_limit(run: Run, transport: str, figure: Figure) -> Comparison | None:
    """How far the transport is from its limit, in one pass or in several."""
    limit = run.limit(figure.limit) if figure.limit else None
    return paired(run, transport, figure, limit) if limit and transport != limit else None


def _saturated(run: Run, transport: str, figure: Figure) -> str | None:
    sides = Counter(each.saturated for each in run.readings(transport, figure))
    if not sides:
        return None
    side, passes = sides.most_common(1)[0]
    return side if len(sides) == 1 else f"{side} ({passes} of {sides.total()})"


def _warnings(run: Run, figures: list[FigureSummary], baseline: str | None) -> list[str]:
    values = {
        f"{figure.title} of {transport}": cell.values
        for figure in figures
        for transport, cell in figure.cells.items()
        if transport != NO_SOCKET and cell.interval is not None and _varies(figure)
    }
    of_target = any(figure.experiment == SCENARIO for figure in figures)
    few = _few(_passes(figures)) if values and not of_target else []
    others = {one.index: one.other_load_cores for one in run.info.passes}
    found = [
        *run.machine_warnings,
        *_mixed(run),
        *noise.other_load({pass_: load for pass_, load in others.items() if load is not None}),
        *noise.warnings({name: list(each.values()) for name, each in values.items()}),
        *noise.outliers(values),
        *few,
    ]
    if baseline is None and not of_target:
        found.append(f"no ratios: {BASELINE}, which they are to, isn't among this run's transports")
    return found


def _varies(figure: FigureSummary) -> bool:
    """Whether it is repeated, and its spread relative to its size has a meaning."""
    return figure.ratio and not figure.counted


def _mixed(run: Run) -> list[str]:
    """Warn if the run was continued at another commit: its passes may be of different code."""
    begun = commit_of(run)
    later = [one.commit for one in run.info.resumed if one.commit != begun]
    if not later:
        return []
    return [f"begun at commit {begun}, continued at {later[-1]}: check what changed between them"]


def _passes(figures: list[FigureSummary]) -> int:
    """How many valid passes the figures are of. Other passes may measure something else."""
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
    """What is void, and why: whole passes, then figures."""
    passes = [f"pass {each.index}: {each.void}" for each in run.void_passes]
    return passes + [
        f"{figure.title} of {transport}: {_reason(run, transport, figure, cell.mark)}"
        for figure in figures
        for transport, cell in figure.cells.items()
        if cell.mark and cell.mark.startswith("void")
    ]


def _reason(run: Run, transport: str, figure: FigureSummary, mark: str) -> str:
    """The mark, which counts what was lost, or else the reason that the benchmark gave."""
    if mark != "void":
        return mark
    readings = run.readings(transport, BY_KEY[figure.key])
    return next(f"void: {each.void}" for each in readings if each.void)
