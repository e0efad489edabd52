"""Prints a comparison: for the terminal, and in Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lab.measure import stats
from lab.record import Difference, Run
from lab.report.model import formatting
from lab.report.model.cells import Cell
from lab.report.model.comparison import Compared, Row, reason
from lab.report.text.tables import VERDICT_STYLES, heading

_OUTCOME_STYLES = {"slower": "bold red", "no slower": "bold green", "can't tell": "bold yellow"}


def show(compared: Compared, candidate: Run, baseline: Run, console: Console) -> None:
    """Print the figures that differ, those that don't, those not compared, and the verdict."""
    console.print(f"{heading(candidate)}\nagainst\n{heading(baseline)}", style="bold")
    show_rows(compared.rows, console)
    _alone(candidate, baseline, console)
    show_verdict(compared, console)


def show_rows(rows: Sequence[Row], console: Console) -> None:
    """Print the figures that differ, then those that don't, then those that can't be compared."""
    differing = [r for r in rows if r.comparison and r.comparison.verdict in ("faster", "slower")]
    alike = [r for r in rows if r.comparison and r not in differing]
    if differing:
        console.print(_table("These figures differ", differing))
    else:
        console.print("No figure differs detectably.")
    if alike:
        console.print(_table("No difference was found in these figures", alike))
    for row in rows:
        if row.comparison is None and row.why:
            what = f"{row.figure.title} of {escape(row.transport)}"
            console.print(f"[dim]not compared:[/] {what}: {escape(row.why)}", highlight=False)


def show_verdict(compared: Compared, console: Console) -> None:
    """Print the figures that decide the verdict, and the verdict."""
    outcome = compared.outcome
    for row in compared.of(outcome) if outcome != "no slower" else ():
        console.print(f"[dim]{outcome}:[/] {escape(decides(row))}", highlight=False)
    style = _OUTCOME_STYLES[outcome]
    console.print(f"verdict: {sentence(compared)}", style=style, markup=False, highlight=False)


def decides(row: Row) -> str:
    """A line about a figure that decides the verdict."""
    what = f"{row.figure.title} of {row.transport}"
    ratio = f" {formatting.ratio(row.comparison)}" if row.comparison else ""
    why = reason(row) if row.judged and row.judged.outcome == "can't tell" else ""
    return f"{what}{ratio}" + (f" ({why})" if why else "")


def sentence(compared: Compared) -> str:
    """The verdict as a sentence."""
    outcome, bound = compared.outcome, f"{compared.tolerance_percent:g} %"
    taken = sum(row.judged is not None for row in compared.rows)
    some = f"{len(compared.of(outcome))} of {taken} figures"
    if outcome == "slower":
        return f"slower by more than {bound} in {some}"
    if outcome == "no slower":
        return f"no slower by more than {bound} in any of {taken} figures"
    if not taken:
        return "can't tell: no timed figure of both can be compared"
    needed = compared.passes_needed
    with_passes = f"; about {needed} passes would tell" if needed else ""
    return f"can't tell, within {bound}, in {some}{with_passes}"


def markdown(compared: Compared) -> str:
    """The verdict and the figures for a pull request: what decides is seen, the rest folds."""
    outcome = compared.outcome
    first = [row for each in ("slower", "can't tell") for row in compared.of(each)]
    rest = [row for row in compared.rows if row.comparison and row not in first]
    parts = [
        f"**Verdict: {sentence(compared)}**",
        f"`{compared.candidate}` against `{compared.baseline}`",
    ]
    if compared.differences:
        parts.append("\n".join(["These differ as well:", "", *_unlike(compared.differences)]))
    if first:
        parts.append("\n".join(_markdown_table(first)))
    if rest:
        title = "All figures" if outcome == "no slower" else "The other figures"
        parts += [f"<details><summary>{title}</summary>", "\n".join(_markdown_table(rest))]
        parts.append("</details>")
    return "\n\n".join(parts) + "\n"


def side_by_side(found: Iterable[Difference]) -> Table:
    """What differs between two runs, a row for each."""
    table = Table(box=box.SIMPLE_HEAD)
    for head in ("what differs", "first", "second"):
        table.add_column(head, overflow="fold")
    for each in found:
        table.add_row(*map(escape, each))
    return table


def _unlike(found: Iterable[Difference]) -> Iterator[str]:
    yield "| what differs | first | second |"
    yield "|---|---|---|"
    for each in found:
        yield f"| {' | '.join(map(_cell, each))} |"


def _markdown_table(rows: Iterable[Row]) -> Iterator[str]:
    yield "| figure | transport | candidate | baseline | ratio [95 % interval] | outcome |"
    yield "|---|---|---:|---:|---:|---|"
    for row in rows:
        cells = (
            f"{row.figure.title} ({row.figure.unit})",
            f"`{row.transport}`",
            _median(row.candidate),
            _median(row.baseline),
            formatting.ratio(row.comparison) if row.comparison else "–",
            outcome_of(row),
        )
        yield f"| {' | '.join(map(_cell, cells))} |"


def outcome_of(row: Row) -> str:
    """The outcome of a row, with the reason if it is not clear."""
    if row.judged is None:
        return "not judged"
    outcome = row.judged.outcome
    return f"{outcome}: {reason(row)}" if outcome == "can't tell" else outcome


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _table(title: str, rows: list[Row]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    table.add_column("figure", style="bold")
    table.add_column("transport", no_wrap=True)
    table.add_column("first", justify="right")
    table.add_column("second", justify="right")
    table.add_column("ratio [95 % interval]", justify="right")
    table.add_column("verdict on the first")
    for row in rows:
        assert row.comparison is not None
        smallest = stats.smallest_detectable(row.comparison)
        style = VERDICT_STYLES.get(row.comparison.verdict, "default")
        table.add_row(
            f"{row.figure.title} ({row.figure.unit})",
            escape(row.transport),
            _median(row.candidate),
            _median(row.baseline),
            escape(formatting.ratio(row.comparison)),
            f"[{style}]{formatting.verdict(row.comparison, smallest)}[/]",
        )
    return table


def _median(cell: Cell) -> str:
    return formatting.number(cell.interval.median) if cell.interval else "–"


def _alone(candidate: Run, baseline: Run, console: Console) -> None:
    """List the transports that only one of the runs has."""
    for run, other in ((candidate, baseline), (baseline, candidate)):
        for transport in run.transports:
            if transport not in other.transports:
                console.print(
                    f"[dim]only in {escape(run.id)}:[/] {escape(transport)}", highlight=False
                )
