"""`lab doctor`: says what on this machine would disturb the figures of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec
from rich import box
from rich.table import Table
from rich.text import Text

from lab.cli.console import open_console
from lab.cli.options import results_option

if TYPE_CHECKING:
    from lab.doctor.checks import Check, State

STYLES: dict[State, str] = {
    "ok": "green",
    "warn": "yellow",
    "missing": "magenta",
    "impossible": "bold red",
}
PACKAGES = ("uvloop", "orjson")
"""What makes some transports faster; without them these run slower, or not at all."""


@click.command()
@results_option("The folder where a run would be written.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def doctor(results: Path, as_json: bool) -> None:
    """Say what on this machine would disturb the figures of a run, and what helps.

    Other load, cores, quota of a container, CPU governor, clock, file descriptors, memory; Python,
    Node, Chromium and packages that are missing. The exit code is 1 if `lab bench` can't run.

    \b
    lab doctor
    lab doctor --json | jq '.[] | select(.state != "ok")'
    """  # noqa: D301 - click's mark is the backspace itself
    found = [*_machine(results), *_tools()]
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(found), indent=2))
    else:
        _show(found)
    if any(check.state == "impossible" for check in found):
        raise click.exceptions.Exit(1)


def _machine(results: Path) -> list[Check]:
    from lab.doctor.checks import CHECKS
    from lab.doctor.machine import look
    from lab.load.profiles import PROFILES
    from lab.measure.descriptors import SPARE

    connections = max(profile.cost.memory_connections for profile in PROFILES.values())
    machine = look(results, 2 * connections + SPARE)
    return [check(machine) for check in CHECKS]


def _tools() -> Iterator[Check]:
    """Node, the browser, packages, and what each transport lacks."""
    from lab.doctor.checks import tool, transports
    from lab.interop.chromium import chromium_unavailable, executable
    from lab.page.files import is_built
    from transports import registry
    from transports._node import versions
    from transports._shared import extras

    node = versions.unavailable("socket.io") or versions.unavailable("ws")
    yield tool("Node", str(versions.language()) if node is None else "", node)
    yield tool("Chromium", executable() or "", chromium_unavailable())
    unbuilt = None if is_built() else "is not built: make page"
    yield tool("the page of lab chat", "is built", unbuilt)
    for package in PACKAGES:
        reason = extras.missing(package)
        yield tool(package, metadata.version(package) if reason is None else "", reason)
    yield from transports({name: registry.unavailable(name) for name in registry.TRANSPORTS})


def _show(found: Sequence[Check]) -> None:
    console = open_console(highlight=False)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for name in ("", "", "found"):
        table.add_column(name, overflow="fold")
    for check in found:
        text = Text(check.found)
        if check.remedy:
            text.append(f"\n{check.remedy}", style="bold")
        table.add_row(Text(check.state, style=STYLES[check.state]), check.name, text)
    console.print(table)
    counted = Counter(check.state for check in found)
    summary = ", ".join(f"{counted[state]} {state}" for state in STYLES if counted[state])
    console.print(summary, soft_wrap=True)
