"""`lab handshake-errors`: opening handshakes with something wrong, said to every server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as ProgressBar
from rich.text import Text

from lab.cli.files import OUTPUT, write
from lab.cli.wires import WIRES
from lab.contract import Capability
from lab.handshakes.cases import CASES, RIGHT, Case

if TYPE_CHECKING:
    from lab.handshakes.servers import Subject
    from lab.handshakes.survey import Column

LINES_EACH = 6


@click.command(
    epilog=f"The cases: {', '.join(CASES)}.",
)
@click.option(
    "--wires",
    type=WIRES,
    default="all",
    show_default=True,
    metavar="A,B,...",
    help="Servers, or groups of them: core, fallbacks, node, all; `lab list` names them.",
)
@click.option(
    "--alone/--no-alone",
    default=None,
    help="Ask python-socketio without the lab's wire around it too; default: if no --wires.",
)
@click.option(
    "--case",
    "names",
    type=click.Choice(list(CASES)),
    multiple=True,
    metavar="CASE",
    help="Only this one, with the words of each answer; may be repeated.",
)
@click.option(
    "--patience",
    type=click.FloatRange(min=0.1, max=120),
    default=5,
    show_default=True,
    help="Seconds that a server has to answer, before that counts as silence.",
)
@click.option("--trace", is_flag=True, help="Show the bytes of each answer to a --case.")
@click.option("--full", is_flag=True, help="With --trace: show all bytes, however many.")
@click.option("--markdown", is_flag=True, help="Print tables for a document, and nothing else.")
@click.option("--json", "json_file", type=OUTPUT, help="Write what was found to this file, too.")
@click.option("--html", "html_file", type=OUTPUT, help="Write what is printed as a web page, too.")
def handshake_errors(  # noqa: PLR0913, PLR0917 - an option each
    wires: list[str],
    alone: bool | None,
    names: tuple[str, ...],
    patience: float,
    trace: bool,
    full: bool,
    markdown: bool,
    json_file: Path | None,
    html_file: Path | None,
) -> None:
    """Say malformed opening handshakes to every server, and show what each answers.

    For each: the status, and whether the connection is kept or closed, which is found out by
    asking again on it. Then how often the rule holds that learners are told: a 4xx, and the end.

    \b
    lab handshake-errors                                        every case, every server
    lab handshake-errors --case wrong-version                   in the servers' own words
    lab handshake-errors --wires websocket --case post --trace            byte by byte
    """  # noqa: D301 - click's mark is the backspace itself
    if (trace or full) and not names:
        raise click.UsageError("--trace shows the bytes of a case: add --case")
    asked = click.get_current_context().get_parameter_source("wires")
    by_default = asked is click.core.ParameterSource.DEFAULT
    subjects = _subjects(wires, by_default if alone is None else alone)
    cases = [case for case in CASES.values() if not names or case.name in names or case is RIGHT]
    columns = _survey(subjects, cases, patience)
    if markdown:
        click.echo("\n".join(_document(columns)))
    else:
        console = Console(highlight=False, record=html_file is not None)
        _show(columns, cases, bool(names), console)
        if trace or full:
            _trace(columns, [*names], 0 if full else LINES_EACH, console)
        _conclude(columns, console)
        if html_file is not None:
            write(html_file, console.export_html().encode())
    if json_file is not None:
        write(json_file, _json(columns, patience))


def _subjects(names: Sequence[str], alone: bool) -> list[Subject]:
    from lab.handshakes import servers
    from transports import registry

    wires = [registry.load(name) for name in names]
    able = {Capability.ROOM, Capability.SOCKET}
    subjects = [servers.of_wire(wire) for wire in wires if wire.capabilities >= able]
    if alone:
        subjects += servers.alone()
    if not subjects:
        raise click.BadParameter(
            f"{', '.join(names)} has no socket or no room: nothing to survey", param_hint="--wires"
        )
    return subjects


def _survey(subjects: Sequence[Subject], cases: Sequence[Case], patience_s: float) -> list[Column]:
    from lab.handshakes.survey import survey

    bar = ProgressBar(
        TextColumn("{task.description:<28}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    tasks = {subject.name: bar.add_task(subject.name, total=None) for subject in subjects}

    def progress(name: str, done: int, total: int) -> None:
        bar.update(tasks[name], completed=done, total=total)

    try:
        with bar:
            return asyncio.run(survey(subjects, cases, patience_s, progress))
    except (OSError, TimeoutError) as error:
        raise click.ClickException(f"a server could not be asked: {error}") from error


def _show(columns: Sequence[Column], cases: Sequence[Case], worded: bool, console: Console) -> None:
    from lab.cli.trace import print_whole
    from lab.handshakes import tables

    if worded:
        for case in cases:
            print_whole(tables.details(case, columns), console)
            console.print()
        return
    for title, group in _grouped(columns):
        print_whole(tables.overview(title, group, cases), console)
        console.print()
    for line in tables.LEGEND:
        console.print(Text(line, style="dim"), soft_wrap=True)


def _grouped(columns: Sequence[Column]) -> Iterator[tuple[str, list[Column]]]:
    """As the registry groups the wires; what is none of its wires comes last."""
    from transports import registry

    for title, wires in registry.GROUPS.items():
        if group := [column for column in columns if column.name in wires]:
            yield f"Servers: {title}", group
    if rest := [column for column in columns if column.name not in registry.WIRES]:
        yield "A library alone", rest


def _document(columns: Sequence[Column]) -> Iterator[str]:
    """The cases, then a table for each group of servers."""
    from lab.handshakes import tables

    yield from tables.markdown_cases()
    for title, group in _grouped(columns):
        yield f"\n**{title}**\n"
        yield from tables.markdown(group)


def _trace(
    columns: Sequence[Column], names: Sequence[str], lines_each: int, console: Console
) -> None:
    """The bytes of these cases, on every server where they apply."""
    from lab.cli.trace import show
    from lab.wire.decode import decode

    for column in columns:
        for name in names:
            if (exchange := column.exchanges.get(name)) is not None:
                heading = f"{column.name}: {CASES[name].wrong}: {exchange.answer}"
                console.print(Text(heading, style="bold underline"), soft_wrap=True)
                show(decode(exchange.tape.chunks, exchange.tape.events), lines_each, console)


def _conclude(columns: Sequence[Column], console: Console) -> None:
    from lab.handshakes.tally import tally

    counted = tally(columns)
    if counted.asked:
        console.print(Text(f"Wrong WebSocket handshakes: {counted}"), soft_wrap=True)


def _json(columns: Sequence[Column], patience_s: float) -> bytes:
    found = {
        "version": 1,
        "patience_s": patience_s,
        "cases": {
            case.name: {"wrong": case.wrong, "breaks": case.breaks, "clause": case.clause}
            for case in CASES.values()
        },
        "servers": [
            {
                "name": column.name,
                "library": column.library,
                "websocket": column.websocket,
                "answers": column.answers,
            }
            for column in columns
        ],
    }
    return msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n"
