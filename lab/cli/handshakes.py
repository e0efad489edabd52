"""`lab handshake-errors`: sends wrong opening handshakes to every server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as ProgressBar
from rich.text import Text

from lab.cli import ending
from lab.cli.console import open_console
from lab.cli.files import OUTPUT, write
from lab.cli.options import transports_option
from lab.cli.values import Finite
from lab.contract import Capability
from lab.handshakes.cases import CASES, RIGHT, Case

if TYPE_CHECKING:
    from lab.handshakes.servers import Subject
    from lab.handshakes.survey import Column

LINES_EACH = 6


@click.command(
    epilog=f"The cases: {', '.join(CASES)}.",
)
@transports_option("The transports whose servers are tested.", default="all")
@click.option(
    "--alone/--no-alone",
    default=None,
    help="Test python-socketio alone too, without the lab's code; default without --transports.",
)
@click.option(
    "--case",
    "names",
    type=click.Choice(list(CASES)),
    multiple=True,
    metavar="CASE",
    help="Send only this case and show the text of each answer; may be repeated.",
)
@click.option(
    "--patience",
    type=Finite(0.1, 120),
    default=5,
    show_default=True,
    help="Seconds in which a server has to answer.",
)
@click.option("--trace", is_flag=True, help="Show the bytes of each answer; only with --case.")
@click.option("--full", is_flag=True, help="With --trace: show all bytes.")
@click.option("--markdown", is_flag=True, help="Print only tables for a document.")
@click.option("--json", "json_file", type=OUTPUT, help="Write the results to this file, too.")
@click.option("--html", "html_file", type=OUTPUT, help="Write the output as a web page, too.")
def handshake_errors(  # noqa: PLR0913, PLR0917 - an option each
    transports: list[str],
    alone: bool | None,
    names: tuple[str, ...],
    patience: float,
    trace: bool,
    full: bool,
    markdown: bool,
    json_file: Path | None,
    html_file: Path | None,
) -> None:
    """Send wrong opening handshakes to every server, and show the answers.

    The table has the HTTP status and the state of the connection, kept or closed. The command finds
    it out by sending another request on the connection. Then it counts how many wrong handshakes
    get the answer that tutorials promise: a 4xx and a close.

    \b
    lab handshake-errors                                        # every case, every server
    lab handshake-errors --case wrong-version                   # one case, with the text of answers
    lab handshake-errors --transports websocket --case post --trace            # with all bytes
    """  # noqa: D301 - click's mark is the backspace itself
    if (trace or full) and not names:
        raise click.UsageError("--trace shows the bytes of a case: add --case")
    asked = click.get_current_context().get_parameter_source("transports")
    by_default = asked is click.core.ParameterSource.DEFAULT
    subjects = _subjects(transports, by_default if alone is None else alone)
    cases = [case for case in CASES.values() if not names or case.name in names or case is RIGHT]
    columns = _survey(subjects, cases, patience)
    if markdown:
        click.echo("\n".join(_document(columns)))
    else:
        console = open_console(highlight=False, record=html_file is not None)
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

    transports = [registry.load(name) for name in names]
    able = {Capability.ROOM, Capability.HTTP_1}
    subjects = [
        servers.of_transport(transport)
        for transport in transports
        if transport.capabilities >= able
    ]
    if alone:
        subjects += servers.alone()
    if not subjects:
        raise click.BadParameter(
            f"{', '.join(names)} has no room or does not speak HTTP/1.1: nothing to survey",
            param_hint="--transports",
        )
    return subjects


def _survey(subjects: Sequence[Subject], cases: Sequence[Case], patience_s: float) -> list[Column]:
    from lab.handshakes.survey import survey

    bar = ProgressBar(
        TextColumn("{task.description:<28}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=open_console(stderr=True),
        transient=True,
    )
    tasks = {subject.name: bar.add_task(subject.name, total=None) for subject in subjects}

    def progress(name: str, done: int, total: int) -> None:
        bar.update(tasks[name], completed=done, total=total)

    try:
        with bar:
            return ending.run(survey(subjects, cases, patience_s, progress))
    except (OSError, TimeoutError) as error:
        raise click.ClickException(f"can't test a server: {error}") from error


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
    """Group the servers as the registry groups the transports; libraries alone come last."""
    from transports import registry

    for title, transports in registry.GROUPS.items():
        if group := [column for column in columns if column.name in transports]:
            yield f"Servers: {title}", group
    if rest := [column for column in columns if column.name not in registry.TRANSPORTS]:
        yield "A library alone", rest


def _document(columns: Sequence[Column]) -> Iterator[str]:
    """Yield the cases, then a table for each group of servers."""
    from lab.handshakes import tables

    yield from tables.markdown_cases()
    for title, group in _grouped(columns):
        yield f"\n**{title}**\n"
        yield from tables.markdown(group)


def _trace(
    columns: Sequence[Column], names: Sequence[str], lines_each: int, console: Console
) -> None:
    """Print the bytes of these cases on every server to which they apply."""
    from lab.cli.trace import show
    from lab.decode.decode import decode

    for column in columns:
        for name in names:
            if (exchange := column.exchanges.get(name)) is not None:
                heading = f"{column.name}: {CASES[name].wrong}: {exchange.answer}"
                console.print(Text(heading, style="bold underline"), soft_wrap=True)
                show(decode(exchange.capture.chunks, exchange.capture.events), lines_each, console)


def _conclude(columns: Sequence[Column], console: Console) -> None:
    from lab.handshakes.tally import tally

    counted = tally(columns)
    if counted.sent:
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
