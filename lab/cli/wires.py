"""Wires as arguments of a command, and `lab list`."""

from __future__ import annotations

from typing import Any

import click
from rich import box
from rich.console import Console
from rich.table import Table

from lab.contract import Capability, Stack, Transport
from transports import registry


class WireType(click.ParamType[Transport]):
    """The name of one wire, turned into the wire."""

    name = "wire"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Transport:
        """Exit code 2 with the names that there are, or with how to install what is missing."""
        try:
            return registry.load(str(value))
        except (registry.UnknownWireError, registry.UnavailableError) as error:
            self.fail(str(error), param, ctx)


class WiresType(click.ParamType[list[str]]):
    """Names of wires, separated by commas; `all` is every one that can run here."""

    name = "wires"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> list[str]:
        """Exit code 2 with the names that there are, or with how to install what is missing."""
        if value == "all":
            return [name for name in registry.WIRES if unavailable(name) is None]
        try:
            names = registry.check(name.strip() for name in str(value).split(","))
        except registry.UnknownWireError as error:
            self.fail(str(error), param, ctx)
        for name in names:
            if (reason := unavailable(name)) is not None:
                self.fail(f"{name} is unavailable: {reason}", param, ctx)
        return names


WIRE = WireType()
WIRES = WiresType()


def unavailable(name: str) -> str | None:
    """Why this wire can't run here; None where it can."""
    try:
        registry.load(name)
    except registry.UnavailableError as error:
        return str(error)
    return None


@click.command("list")
def list_wires() -> None:
    """Show the wires, what they are made of and what they can do."""
    console = Console()
    console.print(_stacks(), "")
    console.print(_capabilities())


def _table(title: str, *columns: str) -> Table:
    table = Table(
        title=title,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        show_edge=False,
        padding=(0, 1, 0, 0),
    )
    for column in columns:
        table.add_column(column, no_wrap=column.endswith("wire"))
    return table


def _stacks() -> Table:
    table = _table("Wires", "wire", "what it is", "made of")
    for name in registry.WIRES:
        reason = unavailable(name)
        if reason is None:
            wire = registry.load(name)
            table.add_row(name, wire.summary, _made_of(wire.stack()))
        else:
            table.add_row(name, f"unavailable: {reason}", "")
    return table


def _made_of(stack: Stack) -> str:
    server, client = str(stack.server), str(stack.client)
    both = server if client == server else f"{server}, client {client}"
    below = stack.http
    return both if below is None or str(below) == server else f"{both} on {below}"


def _capabilities() -> Table:
    """In words, not in a grid: a grid of them all is wider than an ordinary terminal."""
    table = _table("What they can do", "wire", "capabilities")
    for name in registry.WIRES:
        if unavailable(name) is None:
            can = registry.load(name).capabilities
            words = ", ".join(capability for capability in Capability if capability in can)
            table.add_row(name, words or "–")
    return table
