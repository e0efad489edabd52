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
    """Names of wires and of groups of wires, separated by commas; `all` is every group.

    Of a group, what can't run here or is unsafe is left out, and why is said on stderr.
    """

    name = "wires"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> list[str]:
        """Exit code 2 with the names that there are, or with how to install what is missing."""
        words = [word.strip() for word in str(value).split(",")]
        groups = {*registry.GROUPS} if "all" in words else {*words} & {*registry.GROUPS}
        try:
            named = registry.check(word for word in words if word not in {*registry.GROUPS, "all"})
        except registry.UnknownWireError as error:
            self.fail(f"{error}; or {', '.join([*registry.GROUPS, 'all'])}", param, ctx)
        for name in named:
            if (reason := registry.unavailable(name)) is not None:
                self.fail(f"{name} is unavailable: {reason}", param, ctx)
        grouped = {name for group in groups for name in registry.GROUPS[group]} - {*named}
        left_out = {name: why for name in grouped if (why := _left_out(name)) is not None}
        for name in registry.check(left_out):
            click.echo(f"without {name}: {left_out[name]}", err=True)
        return registry.check([*named, *(grouped - left_out.keys())])


WIRE = WireType()
WIRES = WiresType()


def _left_out(name: str) -> str | None:
    """Why this wire is not meant by the name of its group; None where it is."""
    if (reason := registry.unavailable(name)) is not None:
        return reason
    unsafe = registry.load(name).unsafe
    return None if unsafe is None else f"{unsafe}; name it to have it"


@click.command("list")
def list_wires() -> None:
    """Show the wires, what they are made of and what they can do."""
    console = Console()
    for group in registry.GROUPS:
        if registry.GROUPS[group]:
            console.print(_stacks(group), "")
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


def _stacks(group: str) -> Table:
    table = _table(f"Wires: {group}", "wire", "what it is", "made of")
    for name in registry.GROUPS[group]:
        reason = registry.unavailable(name)
        if reason is None:
            wire = registry.load(name)
            only = f"; only by name: {wire.unsafe}" if wire.unsafe else ""
            table.add_row(name, wire.summary + only, _made_of(wire.stack()))
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
        if registry.unavailable(name) is None:
            can = registry.load(name).capabilities
            words = ", ".join(capability for capability in Capability if capability in can)
            table.add_row(name, words or "–")
    return table
