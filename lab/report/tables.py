"""The tables in the terminal: one per experiment, a row per wire."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lab.record import Run
from lab.report import aa, apart, words
from lab.report import summary as summary_
from lab.report.summary import Cell, FigureSummary, Summary
from lab.report.titles import client_of, titles

_BOX = box.SIMPLE_HEAD
_NATURAL = (None,) * 5
_NARROW = (20, 14, 12, 10, 9)
_NARROW_FLOORED = (18, 13, 12, 7, 10, 9)
"""For 80 columns. Rich left to itself squeezes columns below their longest word."""
AGAIN = ", continued"
_SIDES = {side: f" [dim]{side[0].upper()}[/]" for side in ("server", "load", "both")}
"""Behind a figure that stands beside others: the side that had no CPU left."""
VERDICT_STYLES = {"faster": "green", "slower": "red", "too few passes": "yellow"}


def show(run: Run, console: Console) -> None:
    """Print every table of the run, what was void, and what makes it noisy."""
    summary = summary_.of(run)
    console.print(heading(run), style="bold", highlight=False)
    if summary.against_itself is not None:
        console.print(aa.table(summary.against_itself, summary.figures))
        console.print(summary.against_itself.verdict, style="bold", highlight=False)
    for experiment, title in titles(run).items() if summary.against_itself is None else ():
        figures = summary.of_experiment(experiment)
        if _without_ratios(figures):
            for table in side_by_side(title, figures, console):
                console.print(table)
        elif figures:
            table = experiment_table(title, figures, summary)
            natural = console.measure(table, options=console.options.update(width=1000))
            if natural.maximum > console.width:
                table = experiment_table(title, figures, summary, _NARROW)
            console.print(table)
    for line in apart.sentences(run) if summary.against_itself is None else ():
        console.print(line, style="bold", markup=False, highlight=False)
    if summary.passes:
        console.print(_legend(summary), style="dim", highlight=False)
    _list(console, "void", summary.voids, "red")
    _list(console, "noise", summary.warnings, "yellow")


def _without_ratios(figures: Sequence[FigureSummary]) -> bool:
    """Whether most of them have none to tell."""
    without = sum(figure.counted or not figure.ratio for figure in figures)
    return without * 2 > len(figures)


def heading(run: Run) -> str:
    """One line: which run, what it was, and how complete it is."""
    info = run.info
    passes = f"{len(run.passes)} of {info.planned_passes} passes"
    asked = " · in a browser" if client_of(run) == "browser" else ""
    partial = "" if info.status == "complete" else f" · {info.status.upper()}"
    named = f"{escape(run.id)} · {info.profile} profile · {info.settings} settings"
    return f"{named}{asked} · {passes}{partial}"


def experiment_table(
    title: str,
    figures: Iterable[FigureSummary],
    summary: Summary,
    widths: Sequence[int | None] = _NATURAL,
) -> Table:
    """The figures of one experiment, one under the other, each with its name and a row per wire."""
    table = Table(
        title=title, title_justify="left", title_style="bold underline", box=_BOX, pad_edge=False
    )
    heads = ["", "median [95 % interval]", f"ratio to {summary.baseline or '–'}"]
    figures = list(figures)
    if floored := any(figure.floor for figure in figures):
        heads.append("× floor")
        widths = _NARROW_FLOORED if widths == _NARROW else (None, *widths)
    arranged = str if widths[0] is None else _stacked
    for head, width in zip((*heads, "verdict", "saturated"), widths, strict=True):
        right = head in heads[1:]
        table.add_column(head, justify="right" if right else "left", width=width)
    for figure in figures:
        unit = f" ({figure.unit})" if figure.unit else ""
        table.add_row(f"[bold]{figure.title}{unit}[/]")
        for cell in figure.cells.values():
            name = _indented(cell.wire, widths[0])
            row = _row(cell, _standing(figure, cell, summary.baseline), arranged, floored)
            table.add_row(name, *row)
        table.add_section()
    return table


def side_by_side(title: str, figures: Sequence[FigureSummary], console: Console) -> Iterator[Table]:
    """As few tables as the console's width allows, the columns divided among them."""
    natural = console.options.update(width=1000)
    columns: list[FigureSummary] = []
    for figure in figures:
        wider = wide_table(title, [*columns, figure])
        if columns and console.measure(wider, options=natural).maximum > console.width:
            yield wide_table(title, columns)
            title, columns = f"{title.partition(':')[0].removesuffix(AGAIN)}{AGAIN}", []
        columns.append(figure)
    yield wide_table(title, columns)


def wide_table(title: str, figures: Sequence[FigureSummary]) -> Table:
    """Figures side by side, a row per wire."""
    table = Table(
        title=title, title_justify="left", title_style="bold underline", box=_BOX, pad_edge=False
    )
    table.add_column("", no_wrap=True)
    for figure in figures:
        unit = f"\n({figure.unit})" if figure.unit == "B" else ""
        table.add_column(f"{figure.column}{unit}", justify="right", no_wrap=True)
        if figure.floor:
            table.add_column("×\nfloor", justify="right", no_wrap=True)
    for wire in figures[0].cells:
        cells = [figure.cells[wire] for figure in figures]
        if any(cell.values for cell in cells):
            floor = " [dim](floor)[/]" if any(c.mark == "harness floor" for c in cells) else ""
            columns = [column for figure in figures for column in _columns(figure, wire)]
            table.add_row(f"  {escape(wire)}{floor}", *columns)
    return table


def _columns(figure: FigureSummary, wire: str) -> tuple[str, ...]:
    """The figure, and beside it how far it is from its floor, where there is one."""
    cell = figure.cells[wire]
    return (_exact(cell), _floor(cell)) if figure.floor else (_exact(cell),)


def _floor(cell: Cell) -> str:
    return words.times(cell.to_floor.ratio) if cell.to_floor else "–"


def _exact(cell: Cell) -> str:
    if cell.mark and cell.mark.startswith("void"):
        return f"[red]{cell.mark}[/]"
    if cell.interval is None:
        return "–"
    value = cell.interval.median
    if cell.interval.passes > 1:
        return escape(_stacked(words.spanned(cell.interval)))
    exact = f"{int(value)}" if value.is_integer() else words.number(value)
    if cell.mark in (None, "harness floor"):
        return exact + _SIDES.get(cell.saturated or "", "")
    if not cell.mark.startswith("at least"):
        return f"{exact} [dim]({cell.mark})[/]"
    return f"≥ {exact}"


def _row(
    cell: Cell, standing: str, arranged: Callable[[str], str], floored: bool
) -> tuple[str, ...]:
    median = words.spanned(cell.interval) if cell.interval else "–"
    ratio = words.ratio(cell.comparison) if cell.comparison else "–"
    return (
        escape(arranged(median)),
        escape(arranged(ratio)),
        *((_floor(cell),) if floored else ()),
        _remark(cell, standing),
        cell.saturated or "–",
    )


def _indented(wire: str, width: int | None) -> str:
    """The name, in lines that end with a hyphen where it is too long for the column."""
    parts = [wire] if width is None else textwrap.wrap(wire, width - 2)
    return "\n".join(f"  {escape(part)}" for part in parts)


def _stacked(text: str) -> str:
    """An interval under its centre, and its ends under each other where they need the room."""
    centre, gap, ends = text.partition(" ")
    if len(ends) > 14:
        ends = ends.replace(", ", ",\n").replace(" … ", " …\n")
    return f"{centre}\n{ends}" if gap else text


def _standing(figure: FigureSummary, cell: Cell, baseline: str | None) -> str:
    """What stands in a verdict's place where nothing was compared."""
    if not figure.ratio:
        return "no ratio"
    return "baseline" if cell.wire == baseline else "no baseline"


def _remark(cell: Cell, standing: str) -> str:
    if cell.mark:
        return f"[red]{cell.mark}[/]" if cell.mark.startswith("void") else f"[dim]{cell.mark}[/]"
    if cell.comparison is None:
        return f"[dim]{standing}[/]"
    style = VERDICT_STYLES.get(cell.comparison.verdict, "default")
    return f"[{style}]{words.verdict(cell.comparison, cell.smallest_detectable)}[/]"


def _legend(summary: Summary) -> str:
    return (
        f"Medians over {summary.passes} passes; ratios are paired per pass. Beside fewer than 5 "
        "passes stands ( lowest … highest ) instead of an interval; beside 'no detectable "
        "difference' the smallest one that would have shown. 'harness floor' is the same room "
        "without a socket. '× floor' is the distance to the yardstick: limit-tcp for one message "
        "in flight, limit-gathered for more. Behind a figure that was taken once, S, L and B say "
        "that the server, the load or both had no CPU left."
    )


def _list(console: Console, name: str, lines: Iterable[str], style: str) -> None:
    for line in lines:
        console.print(f"[{style}]{name}:[/] {escape(line)}", highlight=False)
