"""Transports as arguments of a command, and the command `lab list`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click
from rich import box
from rich.markup import escape
from rich.table import Table

from lab.cli.console import open_console
from lab.contract import Capability, Stack, Transport
from transports import registry

GROUPS = (*registry.GROUPS, "all")
"""Names that stand for several transports."""
SOME = f"Transports, or groups of them: {', '.join(GROUPS)}; `lab list` names them."


def separated(
    value: Any,
    kind: click.ParamType[Any],
    param: click.Parameter | None,
    ctx: click.Context | None,
    there_are: Iterable[str],
) -> list[str]:
    """Return the names between the commas. Exit code 2 with the existing names if one is empty."""
    words = [word.strip() for word in str(value).split(",")]
    if not all(words):
        what = f"an empty name in {value!r}" if any(words) else "no name is given"
        kind.fail(f"{what}; there are {', '.join(there_are)}", param, ctx)
    return words


class TransportType(click.ParamType[Transport]):
    """The name of one transport, turned into the transport."""

    name = "transport"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Transport:
        """Convert the argument; exit code 2 with the existing names or with what to install."""
        if not str(value).strip():
            separated(value, self, param, ctx, registry.TRANSPORTS)
        try:
            return registry.load(str(value))
        except (registry.UnknownTransportError, registry.UnavailableError) as error:
            self.fail(str(error), param, ctx)


class TransportsType(click.ParamType[list[str]]):
    """Names of transports and of groups, separated by commas; `all` stands for every group.

    A transport of a group that is unsafe or can't run here is left out, with a note on stderr.
    """

    name = "transports"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> list[str]:
        """Convert the option; exit code 2 with the existing names or with what to install."""
        words = separated(value, self, param, ctx, [*registry.TRANSPORTS, *GROUPS])
        groups = {*registry.GROUPS} if "all" in words else {*words} & {*registry.GROUPS}
        try:
            named = registry.check(word for word in words if word not in {*registry.GROUPS, "all"})
        except registry.UnknownTransportError as error:
            self.fail(f"{error}; or {', '.join(GROUPS)}", param, ctx)
        for name in named:
            if (reason := registry.unavailable(name)) is not None:
                self.fail(f"{name} is unavailable: {reason}", param, ctx)
        grouped = {name for group in groups for name in registry.GROUPS[group]} - {*named}
        left_out = {name: why for name in grouped if (why := _left_out(name)) is not None}
        for reason in dict.fromkeys(left_out[name] for name in registry.check(left_out)):
            names = registry.check(name for name, why in left_out.items() if why == reason)
            click.echo(f"without {', '.join(names)}: {reason}", err=True)
        return registry.check([*named, *(grouped - left_out.keys())])


TRANSPORT = TransportType()
TRANSPORTS = TransportsType()


def _left_out(name: str) -> str | None:
    """Return why a group does not include this transport; None where it does."""
    if (reason := registry.unavailable(name)) is not None:
        return reason
    unsafe = registry.load(name).unsafe
    return None if unsafe is None else f"{unsafe}; name it to include it"


@click.command("list", epilog="Example: lab list")
def list_transports() -> None:
    """List the transports, what they consist of and what they can do."""
    console = open_console()
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
        table.add_column(column, no_wrap=column.endswith("transport"))
    return table


def _stacks(group: str) -> Table:
    table = _table(f"Transports: {group}", "transport", "description", "consists of")
    for name in registry.GROUPS[group]:
        reason = registry.unavailable(name)
        if reason is None:
            transport = registry.load(name)
            only = f"; only by name: {transport.unsafe}" if transport.unsafe else ""
            table.add_row(name, transport.summary + only, _made_of(transport.stack()))
        else:
            table.add_row(name, escape(f"unavailable: {reason}"), "")
    return table


def _made_of(stack: Stack) -> str:
    server, client = str(stack.server), str(stack.client)
    both = server if client == server else f"{server}, client {client}"
    below = stack.http
    return both if below is None or str(below) == server else f"{both} on {below}"


def _capabilities() -> Table:
    """Return the capabilities in words: a grid would be wider than an ordinary terminal."""
    table = _table("What they can do", "transport", "capabilities")
    for name in registry.TRANSPORTS:
        if registry.unavailable(name) is None:
            can = registry.load(name).capabilities
            words = ", ".join(capability for capability in Capability if capability in can)
            table.add_row(name, words or "–")
    return table
