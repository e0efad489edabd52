"""The tables in the terminal: one per experiment, a row per wire."""

from __future__ import annotations

from collections.abc import Iterable

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lab.record import Run
from lab.report import summary as summary_
from lab.report import words
from lab.report.summary import Cell, FigureSummary, Summary

EXPERIMENTS = {
    "handshake": "Handshake: until a connection is open, and until it has joined a room",
    "latency": "Latency: one message in flight",
    "throughput": "Throughput: a window of messages in flight, to everyone in a room",
}
"""Experiment -> what its table is called."""

_BOX = box.SIMPLE_HEAD
VERDICT_STYLES = {"faster": "green", "slower": "red", "too few passes": "yellow"}


def show(run: Run, console: Console) -> None:
    """Print every table of the run, what was void, and what makes it noisy."""
    summary = summary_.of(run)
    console.print(heading(run), style="bold", highlight=False)
    for experiment, title in EXPERIMENTS.items():
        if figures := summary.of_experiment(experiment):
            console.print(experiment_table(title, figures, summary))
    console.print(_legend(summary), style="dim", highlight=False)
    _list(console, "void", summary.voids, "red")
    _list(console, "noise", summary.warnings, "yellow")


def heading(run: Run) -> str:
    """One line: which run, what it was, and how complete it is."""
    info = run.info
    passes = f"{len(run.passes)} of {info.planned_passes} passes"
    return f"{escape(run.id)} · {info.profile} profile · {info.settings} settings · {passes}" + (
        "" if info.status == "complete" else f" · {info.status.upper()}"
    )


def experiment_table(title: str, figures: Iterable[FigureSummary], summary: Summary) -> Table:
    """The figures of one experiment, one under the other, each with its name and a row per wire."""
    table = Table(title=title, title_justify="left", title_style="bold underline", box=_BOX)
    table.add_column("", min_width=20)
    table.add_column("median [95 % interval]", justify="right", min_width=14)
    table.add_column(f"ratio to {summary.baseline or '–'}", justify="right", min_width=12)
    table.add_column("verdict", min_width=10)
    table.add_column("saturated", min_width=9)
    for figure in figures:
        table.add_row(f"[bold]{figure.title} ({figure.unit})[/]")
        for cell in figure.cells.values():
            table.add_row(*_row(cell, summary.baseline))
        table.add_section()
    return table


def _row(cell: Cell, baseline: str | None) -> tuple[str, ...]:
    median = words.spanned(cell.interval) if cell.interval else "–"
    ratio = words.ratio(cell.comparison) if cell.comparison else "–"
    return (
        f"  {escape(cell.wire)}",
        escape(median),
        escape(ratio),
        _remark(cell, baseline),
        cell.saturated or "–",
    )


def _remark(cell: Cell, baseline: str | None) -> str:
    if cell.mark:
        return f"[red]{cell.mark}[/]" if cell.mark.startswith("void") else f"[dim]{cell.mark}[/]"
    if cell.comparison is None:
        return "[dim]baseline[/]" if cell.wire == baseline else "[dim]no baseline[/]"
    style = VERDICT_STYLES.get(cell.comparison.verdict, "default")
    return f"[{style}]{words.verdict(cell.comparison, cell.smallest_detectable)}[/]"


def _legend(summary: Summary) -> str:
    return (
        f"Medians over {summary.passes} passes; ratios are paired per pass. Beside fewer than 5 "
        "passes stands ( lowest … highest ) instead of an interval; beside 'no detectable "
        "difference' the smallest one that would have shown. 'harness floor' is the same room "
        "without a socket."
    )


def _list(console: Console, name: str, lines: Iterable[str], style: str) -> None:
    for line in lines:
        console.print(f"[{style}]{name}:[/] {escape(line)}", highlight=False)
