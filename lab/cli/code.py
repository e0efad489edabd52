"""`lab code`: counts the lines of code that the same room takes on each transport."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from math import ceil
from typing import Any

import click
import msgspec
from rich import box
from rich.table import Table

from lab.cli.console import open_console
from lab.cli.options import transports_option
from lab.cli.trace import print_whole
from lab.cli.transports import separated
from lab.code.concerns import APPLICATION, NOT_APPLICATION, Concern, Given, declared
from lab.code.count import CodeCount, Lines, TransportCode, count
from lab.code.sources import Sources
from transports import registry

UNASSIGNED = "unassigned"
GIVES = "*"
MOST_COLUMNS = 6
"""A table of so many transports fits into a terminal of 80 columns."""
SIMPLE = "Lines of code: a simple chat, server and client"


class CountedTransports(click.ParamType[list[str]]):
    """Names of transports and of groups; a counted transport need not be able to run here."""

    name = "transports"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> list[str]:
        """Convert the option; exit code 2 with the existing names."""
        groups = {**registry.GROUPS, "all": registry.TRANSPORTS}
        words = separated(value, self, param, ctx, [*registry.TRANSPORTS, *groups])
        try:
            return registry.check(name for word in words for name in groups.get(word, [word]))
        except registry.UnknownTransportError as error:
            self.fail(f"{error}; or {', '.join(groups)}", param, ctx)


@click.command()
@transports_option(kind=CountedTransports(), default="all")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with own lines separate.")
def code(transports: list[str], as_json: bool) -> None:
    """Count the lines of code that the chat room takes on each transport, by concern.

    The count covers the lab's own transports, server and client. It includes what the author of a
    chat has to write and leaves out what only the lab needs. docs/code.md explains the method and
    its limits.

    \b
    lab code --transports websocket,socketio
    """  # noqa: D301 - click's mark is the backspace itself
    found = count({name: registry.TRANSPORTS[name] for name in transports}, Sources(), declared())
    if as_json:
        click.echo(json.dumps(as_values(found), indent=2))
        return
    console = open_console(highlight=False)
    for table in transports_tables(found.transports):
        print_whole(table, console)
        console.print()
    for line in given_lines(found.transports):
        console.print(line, soft_wrap=True)
    console.print()
    print_whole(rooms_table(found), console)
    console.print()
    print_whole(
        _transports_table("Lines of code: a simple chat, server and client", found.simple), console
    )
    console.print()
    for line in given_lines(found.simple):
        console.print(line, soft_wrap=True)


def as_values(found: CodeCount) -> dict[str, Any]:
    """Return the count as JSON values; lines without a declared concern are "unassigned"."""
    return {
        "transports": [_transport(it) for it in found.transports],
        "rooms": {name: _by_name(it) for name, it in found.rooms.items()},
        "simple": [_transport(it) for it in found.simple],
    }


def _transport(it: TransportCode) -> dict[str, Any]:
    return {
        "transport": it.transport,
        "application": it.application,
        "own": _by_name(it.own),
        "shared": _by_name(it.shared),
        "given": msgspec.to_builtins(it.given),
    }


def _by_name(lines: Lines) -> dict[str, int]:
    named = {str(concern): lines[concern] for concern in Concern}
    return named | ({UNASSIGNED: lines[None]} if lines[None] else {})


def transports_tables(transports: Iterable[TransportCode]) -> Iterator[Table]:
    """Yield narrow tables for each group that has one of these transports."""
    counted = {transport.transport: transport for transport in transports}
    for group, names in registry.GROUPS.items():
        columns = [counted[name] for name in names if name in counted]
        tables = ceil(len(columns) / MOST_COLUMNS)
        for table in range(tables):
            some = columns[table * len(columns) // tables : (table + 1) * len(columns) // tables]
            yield _transports_table(f"Lines of code: {group}, server and client", some)


def _transports_table(title: str, transports: Sequence[TransportCode]) -> Table:
    """Return a table with a column per transport: its application, shared and other lines."""
    table = _table(title)
    table.add_column("", no_wrap=True)
    for transport in transports:
        head = transport.transport.replace("-", "-\n").replace(", ", ",\n")
        table.add_column(head, justify="right")
    for concern in APPLICATION:
        table.add_row(concern, *(_cell(transport, concern) for transport in transports))
    table.add_section()
    table.add_row(
        "in total", *(f"{transport.application} " for transport in transports), style="bold"
    )
    own = [sum(transport.own[concern] for concern in APPLICATION) for transport in transports]
    table.add_row("  own file", *(f"{lines} " for lines in own))
    shared = (transport.application - mine for transport, mine in zip(transports, own, strict=True))
    table.add_row("  shared", *(f"{lines} " for lines in shared))
    table.add_section()
    left_out = [
        *NOT_APPLICATION,
        *([None] if any(transport.lines(None) for transport in transports) else []),
    ]
    for each in left_out:
        table.add_row(
            each or UNASSIGNED, *(f"{transport.lines(each)} " for transport in transports)
        )
    return table


def _cell(transport: TransportCode, concern: Concern) -> str:
    """Return a cell; the star or a space keeps the numbers aligned."""
    return f"{transport.lines(concern)}{GIVES if transport.gives(concern) else ' '}"


def given_lines(transports: Iterable[TransportCode]) -> Iterator[str]:
    """Yield what the stars mean, library by library."""
    libraries: dict[str, Given] = {}
    for transport in transports:
        libraries |= {given.library: given for given in transport.given}
    for given in libraries.values():
        gives = "; ".join(f"{concern}: {how}" for concern, how in given.gives.items())
        yield f"{GIVES} {given.library} gives {gives}."


def rooms_table(found: CodeCount) -> Table:
    """Return the lines of the room itself, which is the same on every transport."""
    table = _table("The room itself, the same on every transport of its language")
    table.add_column("", no_wrap=True)
    for language in found.rooms:
        table.add_column(language, justify="right")
    for concern in APPLICATION:
        if any(lines[concern] for lines in found.rooms.values()):
            table.add_row(concern, *(str(lines[concern]) for lines in found.rooms.values()))
    table.add_section()
    totals = (sum(lines[it] for it in APPLICATION) for lines in found.rooms.values())
    table.add_row("in total", *map(str, totals), style="bold")
    return table


def _table(title: str) -> Table:
    return Table(
        title=title,
        title_justify="left",
        title_style="bold underline",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
