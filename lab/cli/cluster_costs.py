"""`lab cluster --costs`: what nodes pay for each other's messages, as a table and as JSON."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from statistics import median

import click
from rich.table import Table

from lab import environment
from lab.cli import ending
from lab.cli.console import open_console
from lab.cluster.cluster import Plan, check
from lab.cluster.costs import Measured, Sizes, passes
from lab.cluster.prediction import basis, outcome

PASSES = 4
SIZES = Sizes()


def measure(transports: Sequence[str], nodes: int, file: Path) -> None:
    """Measure the transports in interleaved passes, and write them to `file`.

    Show the medians, and how well more nodes were predicted from fewer.

    Raises:
        ClusterError: a part does not start. UnavailableError: something is not installed.
    """
    for name in transports:
        check(Plan(name, nodes))
    begun, machine = time.gmtime(), environment.describe()
    found = ending.run(passes(transports, nodes, PASSES, SIZES, partial(click.echo, err=True)))
    written = {name: [asdict(each) for each in all_] for name, all_ in found.items()}
    content = {
        "nodes": nodes,
        "date": time.strftime("%Y-%m-%d", begun),
        "environment": machine,
        "passes": written,
    }
    file.write_text(json.dumps(content, indent=1) + "\n")
    open_console().print(table(found))
    click.echo(f"CPU of a node for any message, on {nodes} nodes, predicted from {basis(nodes)}:")
    for name, each in written.items():
        click.echo(f"{name}: {outcome(each)}")


def table(found: Mapping[str, Sequence[Measured]]) -> Table:
    """The medians of the passes, with the lowest and the highest of each."""
    shown = Table("", *found)
    for label, figure in FIGURES.items():
        shown.add_row(label, *(spread(map(figure, each)) for each in found.values()))
    return shown


FIGURES: Mapping[str, Callable[[Measured], float]] = {
    "to a member at the same node, p50 µs": lambda it: it.local_us,
    "to a member at another node, p50 µs": lambda it: it.remote_us,
    "CPU of a node for its own member's message, µs": lambda it: it.costs.said,
    "CPU for a foreign message, no member here, µs": lambda it: it.costs.foreign,
    "CPU for a foreign message, one member here, µs": lambda it: it.costs.concerned,
    "payload read for a message, B": lambda it: it.read_bytes,
    "wasted reads, predicted, %": lambda it: 100 * it.predicted_wasted,
    "wasted reads, found, %": lambda it: 100 * it.found_wasted,
    "CPU of a node for any message, predicted, µs": lambda it: it.predicted_us,
    "CPU of a node for any message, found, µs": lambda it: it.found_us,
}
"""Row of the table -> the figure of one pass."""


def spread(figures: Iterable[float]) -> str:
    """The median, with the lowest and the highest."""
    each = sorted(figures)
    return f"{median(each):,.0f} ({each[0]:,.0f}–{each[-1]:,.0f})"
