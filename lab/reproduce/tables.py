"""Makes the tables of `lab reproduce` for the terminal, and the ratios in them."""

from __future__ import annotations

from rich import box
from rich.table import Table

from lab.measure.stats import Comparison


def table(title: str, *columns: str) -> Table:
    """Return a table without rows; the first column is left-aligned, the others right-aligned."""
    made = Table(
        title=title,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        show_edge=False,
        padding=(0, 1, 0, 0),
    )
    for number, column in enumerate(columns):
        made.add_column(column, justify="right" if number else "left")
    return made


def shown(compared: Comparison) -> str:
    """A ratio with its interval, if there is one."""
    if compared.low is None or compared.high is None:
        return f"{compared.ratio:.3g}×"
    return f"{compared.ratio:.3g}× [{compared.low:.3g}, {compared.high:.3g}]"
