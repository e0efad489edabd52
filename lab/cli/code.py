"""`lab code`: the lines of code that the same room takes on each wire, by concern."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import click
import msgspec
from rich import box
from rich.console import Console
from rich.table import Table

from lab.cli.trace import print_whole
from lab.code.concerns import APPLICATION, NOT_APPLICATION, Concern, Given, declared
from lab.code.count import CodeCount, Lines, WireCode, count
from lab.code.sources import Sources
from transports import registry

UNASSIGNED = "unassigned"
GIVES = "*"


class CountedWires(click.ParamType[list[str]]):
    """Names of wires and of groups: to be counted, a wire need not be able to run here."""

    name = "wires"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> list[str]:
        """Exit code 2 with the names that there are."""
        groups = {**registry.GROUPS, "all": registry.WIRES}
        words = [word.strip() for word in str(value).split(",")]
        try:
            return registry.check(name for word in words for name in groups.get(word, [word]))
        except registry.UnknownWireError as error:
            self.fail(f"{error}; or {', '.join(groups)}", param, ctx)


@click.command()
@click.option(
    "--wires",
    type=CountedWires(),
    default="all",
    show_default=True,
    metavar="A,B,...",
    help="Wires, or groups of them; `lab list` names them.",
)
@click.option("--json", "as_json", is_flag=True, help="As JSON, the wire's own lines apart.")
def code(wires: list[str], as_json: bool) -> None:
    """Count the lines of code that the chat room takes on each wire, by concern.

    Counted are the lab's own transports, server and client: what the author of a chat would have
    to write, apart from what the lab needs. docs/code.md says how, and what it does not say.
    """
    found = count({name: registry.WIRES[name] for name in wires}, Sources(), declared())
    if as_json:
        click.echo(json.dumps(as_values(found), indent=2))
        return
    console = Console(highlight=False)
    for table in wires_tables(found.wires):
        print_whole(table, console)
        console.print()
    for line in given_lines(found.wires):
        console.print(line, soft_wrap=True)
    console.print()
    print_whole(rooms_table(found), console)


def as_values(found: CodeCount) -> dict[str, Any]:
    """The count as JSON has it; what nobody has declared is under "unassigned"."""
    wires = [
        {
            "wire": wire.wire,
            "application": wire.application,
            "own": _by_name(wire.own),
            "shared": _by_name(wire.shared),
            "given": msgspec.to_builtins(wire.given),
        }
        for wire in found.wires
    ]
    return {"wires": wires, "rooms": {name: _by_name(it) for name, it in found.rooms.items()}}


def _by_name(lines: Lines) -> dict[str, int]:
    named = {str(concern): lines[concern] for concern in Concern}
    return named | ({UNASSIGNED: lines[None]} if lines[None] else {})


def wires_tables(wires: Iterable[WireCode]) -> Iterator[Table]:
    """A table for each group of wires that are among these; all of them are narrow."""
    counted = {wire.wire: wire for wire in wires}
    for group, names in registry.GROUPS.items():
        if columns := [counted[name] for name in names if name in counted]:
            yield _wires_table(f"Lines of code: {group}, server and client", columns)


def _wires_table(title: str, wires: Sequence[WireCode]) -> Table:
    """A column for each wire: what its author writes, how much of it is shared, and the rest."""
    table = _table(title)
    table.add_column("", no_wrap=True)
    for wire in wires:
        table.add_column(wire.wire.replace("-", "-\n"), justify="right")
    for concern in APPLICATION:
        table.add_row(concern, *(_cell(wire, concern) for wire in wires))
    table.add_section()
    table.add_row("all these", *(f"{wire.application} " for wire in wires), style="bold")
    own = [sum(wire.own[concern] for concern in APPLICATION) for wire in wires]
    table.add_row("  own file", *(f"{lines} " for lines in own))
    shared = (wire.application - mine for wire, mine in zip(wires, own, strict=True))
    table.add_row("  shared", *(f"{lines} " for lines in shared))
    table.add_section()
    left_out = [*NOT_APPLICATION, *([None] if any(wire.lines(None) for wire in wires) else [])]
    for each in left_out:
        table.add_row(each or UNASSIGNED, *(f"{wire.lines(each)} " for wire in wires))
    return table


def _cell(wire: WireCode, concern: Concern) -> str:
    """The star takes a place in every cell, so that numbers stand below each other."""
    return f"{wire.lines(concern)}{GIVES if wire.gives(concern) else ' '}"


def given_lines(wires: Iterable[WireCode]) -> Iterator[str]:
    """What the stars mean, library by library."""
    libraries: dict[str, Given] = {}
    for wire in wires:
        libraries |= {given.library: given for given in wire.given}
    for given in libraries.values():
        gives = "; ".join(f"{concern}: {how}" for concern, how in given.gives.items())
        yield f"{GIVES} {given.library} gives {gives}."


def rooms_table(found: CodeCount) -> Table:
    """The room itself: beside each wire's lines, and the same whatever the wire."""
    table = _table("The room itself, the same on every wire of its language")
    table.add_column("", no_wrap=True)
    for language in found.rooms:
        table.add_column(language, justify="right")
    for concern in APPLICATION:
        if any(lines[concern] for lines in found.rooms.values()):
            table.add_row(concern, *(str(lines[concern]) for lines in found.rooms.values()))
    table.add_section()
    totals = (sum(lines[it] for it in APPLICATION) for lines in found.rooms.values())
    table.add_row("all these", *map(str, totals), style="bold")
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
