"""Prints how noisy a machine is between two equal servers."""

from __future__ import annotations

from collections.abc import Iterable

from rich import box
from rich.markup import escape
from rich.table import Table

from lab.measure.figures import BY_KEY
from lab.report.model import formatting
from lab.report.model.sides import Noise


def noise_table(found: Iterable[Noise], tolerance_percent: float, most: int) -> Table:
    """A row for each figure: by how much the base differs from itself, and the passes it needs."""
    table = Table(
        title="The base against itself",
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
    )
    table.add_column("figure", style="bold")
    table.add_column("transport", no_wrap=True)
    table.add_column("ratio", justify="right")
    table.add_column("a pass varies by", justify="right")
    table.add_column(f"passes for {tolerance_percent:g} %", justify="right")
    for each in found:
        style = "yellow" if each.differs or each.passes is None or each.passes > most else "default"
        table.add_row(
            BY_KEY[each.figure].title,
            escape(each.transport),
            f"{formatting.times(each.ratio)}×",
            "–" if each.deviation is None else f"±{each.deviation:.1%}",
            f"[{style}]{_passes(each)}[/]",
        )
    return table


def _passes(each: Noise) -> str:
    if each.differs:
        return "differs from itself"
    if each.passes is None:
        return "unknown" if each.deviation is None else "too noisy"
    return str(each.passes)
