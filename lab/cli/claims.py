"""Asked by a person: `lab claims`, what learners are told, put to the test on this machine."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec
from rich import box
from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as ProgressBar
from rich.table import Table
from rich.text import Text

from lab.claims import CLAIMS, load
from lab.cli.files import OUTPUT, write

if TYPE_CHECKING:
    from lab.claims.run import Outcome

STYLES = {
    "holds": "bold green",
    "does not hold": "bold red",
    "depends": "bold yellow",
    "not tested": "dim",
}
LINES_EACH = 4


@click.command(epilog=f"The claims: {', '.join(CLAIMS)}.")
@click.argument("names", nargs=-1, type=click.Choice(list(CLAIMS)), metavar="[NAME]...")
@click.option("--korean", is_flag=True, help="Tell each claim in Korean too.")
@click.option("--trace", is_flag=True, help="Show what crossed the wire; for claims by NAME.")
@click.option("--full", is_flag=True, help="With --trace: show all bytes, however many.")
@click.option(
    "--json",
    "json_file",
    type=OUTPUT,
    help="Write what was found to this file, too.",
)
def claims(
    names: tuple[str, ...], korean: bool, trace: bool, full: bool, json_file: Path | None
) -> None:
    """Put what learners are told of WebSocket and Socket.IO to the test.

    Each claim has an experiment, with real servers and clients, and a verdict that is worked out
    from what was observed. Where a verdict is not the expected one, it says so and the exit code
    is 1; likewise, where CI is set in the environment, for what could not be tested.

    \b
    lab claims                          all of them, in some minutes
    lab claims rooms falls-back         these two, with the reasons
    lab claims never-across --trace     with the bytes that crossed the wire
    """  # noqa: D301 - click's mark is the backspace itself
    if (trace or full) and not names:
        raise click.UsageError("--trace shows the bytes of a claim: add its NAME")
    console = Console(highlight=False)
    outcomes = []
    for outcome in run([*dict.fromkeys(names)] or list(CLAIMS), console):
        outcomes.append(outcome)
        console.print(told(outcome, korean, explained=bool(names)), "")
        if trace or full:
            _trace(outcome, 0 if full else LINES_EACH, console)
    if len(outcomes) > 1:
        console.print(table(outcomes), "")
        console.print(summary(outcomes))
    if json_file is not None:
        _write(json_file, outcomes)
    _complain(outcomes)


def run(names: Sequence[str], console: Console) -> Iterator[Outcome]:
    """Put these claims to the test, one after the other, above a progress bar."""
    from lab.claims.run import put_to_test

    columns = (TextColumn("{task.description:<22}"), BarColumn(), MofNCompleteColumn())
    with ProgressBar(*columns, TimeElapsedColumn(), console=console, transient=True) as bar:
        task = bar.add_task("", total=len(names))
        for name in names:
            bar.update(task, description=name)
            yield asyncio.run(put_to_test(load(name)))
            bar.advance(task)


def told(outcome: Outcome, korean: bool, explained: bool) -> Group:
    """What is claimed, what was seen, and the verdict; with the reasons if `explained`."""
    claim, verdict = outcome.claim, outcome.finding.verdict
    belief = "  common belief" if claim.common_belief else ""
    lines: list[RenderableType] = [
        Text.assemble((claim.name, "bold underline"), (belief, "dim")),
        Text(claim.english),
        *([Text(claim.korean)] if korean else []),
        *([Text.assemble(("Asked: ", "dim"), claim.asked)] if explained else []),
        _listed(outcome.finding.evidence),
        Text.assemble(("Verdict: ", "dim"), (verdict, STYLES[verdict])),
        *([Text.assemble(("Why: ", "dim"), claim.because)] if explained else []),
    ]
    return Group(*lines)


def _listed(sentences: Iterable[str]) -> Table:
    """Each sentence a paragraph behind a dash of its own."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    for sentence in sentences:
        grid.add_row("  -", Text(sentence))
    return grid


def table(outcomes: Iterable[Outcome]) -> Table:
    """One row for each claim with its verdict."""
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 2, 0, 0))
    shown.add_column("claim", no_wrap=True)
    shown.add_column("verdict", no_wrap=True)
    shown.add_column("after", justify="right", no_wrap=True)
    for outcome in outcomes:
        verdict = outcome.finding.verdict
        spent = f"{outcome.took_s:.0f} s"
        shown.add_row(outcome.claim.name, Text(verdict, style=STYLES[verdict]), spent)
    return shown


def _trace(outcome: Outcome, lines_each: int, console: Console) -> None:
    """What crossed the wire in the experiment, tape by tape."""
    from lab.cli.trace import show
    from lab.wire.decode import decode

    if not outcome.finding.tapes:
        console.print(Text(f"{outcome.claim.name}: nothing was taped\n", style="dim"))
    for label, tape in outcome.finding.tapes.items():
        console.print(Text(f"{outcome.claim.name}: {label}", style="bold underline"))
        show(decode(tape.chunks, tape.events), lines_each, console)


def summary(outcomes: Iterable[Outcome]) -> str:
    """How many claims have which verdict."""
    counted = Counter(str(outcome.finding.verdict) for outcome in outcomes)
    return ", ".join(f"{verdict}: {counted[verdict]}" for verdict in STYLES if counted[verdict])


def records(outcomes: Iterable[Outcome]) -> Iterator[dict[str, object]]:
    """What was claimed, expected and found, as plain values."""
    for outcome in outcomes:
        claim = outcome.claim
        yield {
            "name": claim.name,
            "english": claim.english,
            "korean": claim.korean,
            "asked": claim.asked,
            "common_belief": claim.common_belief,
            "expected": str(claim.verdict),
            "verdict": str(outcome.finding.verdict),
            "because": claim.because,
            "evidence": list(outcome.finding.evidence),
            "took_s": round(outcome.took_s, 3),
        }


def _write(file: Path, outcomes: Iterable[Outcome]) -> None:
    written = msgspec.json.format(msgspec.json.encode(list(records(outcomes))), indent=2)
    write(file, written + b"\n")


def _complain(outcomes: Iterable[Outcome]) -> None:
    """Exit with 1 where something is not as expected."""
    complaints = []
    for outcome in outcomes:
        if complaint := outcome.complaint(strict=bool(os.environ.get("CI"))):
            complaints.append(complaint)
            click.echo(outcome.broke + complaint, err=True)
    if complaints:
        raise click.exceptions.Exit(1)
