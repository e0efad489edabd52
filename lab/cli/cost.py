"""`lab cost`: cores, memory and bytes a month, with the arithmetic."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import msgspec
from rich import box
from rich.table import Table

from lab.answer.evidence import Evidence
from lab.choose.text import origin, wrapped
from lab.cli.console import open_console
from lab.cli.evidence import evidence_options, load
from lab.cli.values import Finite
from lab.cost import text
from lab.cost.model import STACKS, Cost, Row
from lab.cost.model import cost as computed
from lab.cost.plan import PER, RANGES, Plan, PlanError, check


def _whole(field: str) -> click.IntRange:
    low, high = RANGES[field]
    return click.IntRange(int(low), int(high))


@click.command(
    epilog="Examples: lab cost --users 10000 --rooms 100 --rate 0.05 --per user; "
    "lab cost --users 500 --rooms 1 --rate 2 --per room --stack python --json"
)
@click.option("--users", required=True, type=_whole("users"), help="Users connected at once.")
@click.option("--rooms", required=True, type=_whole("rooms"), help="Rooms; each user is in one.")
@click.option("--rate", required=True, type=Finite(*RANGES["rate"]), help="Messages a second.")
@click.option("--per", required=True, type=click.Choice(PER), help="Whose rate that is: of each.")
@click.option(
    "--text-bytes", type=_whole("text_bytes"), default=64, show_default=True, help="Of a message."
)
@click.option(
    "--hours", type=Finite(*RANGES["hours"]), default=24, show_default=True, help="Hours a day."
)
@click.option(
    "--stack",
    "stacks",
    type=click.Choice(list(STACKS)),
    multiple=True,
    default=("node", "python"),
    show_default=True,
    help="Server; protocol: the tuned ones, without a library. Repeat the option for several.",
)
@evidence_options
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def cost(
    run: str | None, results: Path, stacks: tuple[str, ...], as_json: bool, **given: Any
) -> None:
    """Compute what a chat costs: cores, memory and bytes a month, by stack and transport.

    The numbers are measured: CPU time of a delivery, bytes, memory of a connection, each with its
    95 % interval. The arithmetic is shown line by line. docs/choose.md says more.
    """
    try:
        plan = check(Plan(**given))
    except PlanError as error:
        name = f"--{error.field.replace('_', '-')}"
        raise click.BadParameter(str(error), param_hint=name) from error
    evidence = load(run, results)
    found = computed(plan, evidence, dict.fromkeys(stacks))
    if as_json:
        values = {**msgspec.to_builtins(found), "numbers": origin(evidence).english}
        values["assumptions"] = list(text.assumptions())
        click.echo(json.dumps(values, indent=2))
        return
    _show(found, evidence)


def _show(found: Cost, evidence: Evidence) -> None:
    console = open_console(highlight=False, markup=False)
    console.print(_table(found))
    for title, lines in _parts(found):
        console.print(f"\n{title}")
        for line in lines:
            console.print(wrapped(f"  {line}", console.width), soft_wrap=True)
    console.print(f"\n{origin(evidence).english}", soft_wrap=True)


def _table(found: Cost) -> Table:
    table = Table("stack", "transport", box=box.SIMPLE_HEAD)
    for heading in ("cores", "memory", "bytes a month"):
        table.add_column(heading, justify="right")
    for row in found.rows:
        table.add_row(STACKS[row.stack].title, row.transport, *text.cells(row))
    return table


def _parts(found: Cost) -> Iterator[tuple[str, list[str]]]:
    yield "The arithmetic", list(text.arithmetic(found))
    if lacking := [_lacking(row) for row in found.rows if row.missing]:
        yield "Not measured", lacking
    yield "The measured numbers", list(text.sources(found))
    yield "Assumed", list(text.assumptions())


def _lacking(row: Row) -> str:
    experiments = " ".join(f"--experiment {name}" for name in row.missing)
    return f"{row.transport}: lab bench {experiments} --transports {row.transport}"
