"""The table of an A/A run: each transport compared with its replica."""

from __future__ import annotations

from collections.abc import Iterable

from rich import box
from rich.markup import escape
from rich.table import Table

from lab.report.model import formatting
from lab.report.model.aa import AgainstItself
from lab.report.model.cells import FigureSummary


def table(outcome: AgainstItself, figures: Iterable[FigureSummary]) -> Table:
    """A row for each figure and transport: the replica's ratio to the original, and the verdict."""
    titles = {figure.key: figure.title for figure in figures}
    found = Table(
        title="Each transport against itself",
        title_justify="left",
        title_style="bold underline",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    found.add_column("")
    found.add_column("ratio [95 % interval]", justify="right")
    found.add_column("verdict")
    above = None
    for pair in outcome.pairs:
        if pair.figure != above:
            found.add_section()
            found.add_row(f"[bold]{titles[pair.figure]}[/]")
            above = pair.figure
        style = "yellow" if pair.claims else "default"
        verdict = f"[{style}]{pair.comparison.verdict}[/]"
        found.add_row(
            f"  {escape(pair.transport)}", escape(formatting.ratio(pair.comparison)), verdict
        )
    return found
