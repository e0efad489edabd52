"""Asked by a person: `lab interop`, which client connects to which wire's server."""

from __future__ import annotations

import asyncio
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from lab.cli.files import OUTPUT, write
from lab.cli.options import settings_option
from lab.cli.trace import print_whole
from lab.cli.wires import WIRES
from lab.contract import Settings
from lab.interop.clients import CLIENTS, Client, UnknownClientError, choose

if TYPE_CHECKING:
    from lab.interop.matrix import Pairing
    from lab.interop.outcome import Matrix


class ClientsType(click.ParamType[list[Client]]):
    """Names of clients, separated by commas; `all` is every one."""

    name = "clients"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> list[Client]:
        """Exit code 2 with the names that there are."""
        words = [word.strip() for word in str(value).split(",")]
        try:
            return choose(CLIENTS if words == ["all"] else words)
        except UnknownClientError as error:
            self.fail(f"{error}; or all", param, ctx)


@click.command(epilog="Example: lab interop --wires websocket,socketio --html interop.html")
@click.option(
    "--wires",
    type=WIRES,
    default="all",
    show_default=True,
    metavar="A,B,...",
    help="Whose servers: wires, or groups of them; `lab list` names them.",
)
@click.option(
    "--clients",
    type=ClientsType(),
    default="all",
    show_default=True,
    metavar="A,B,...",
    help=f"Of: {', '.join(CLIENTS)}.",
)
@settings_option
@click.option(
    "--patience",
    type=click.FloatRange(0.5, 120),
    default=5,
    show_default=True,
    metavar="SECONDS",
    help="How long a client may take to connect, and then to be let into the room.",
)
@click.option("--html", type=OUTPUT, help="Write the page, with every trace, to this file.")
@click.option(
    "--json", "json_", type=OUTPUT, help="Write the outcomes and their bytes to this file."
)
def interop(
    wires: list[str],
    clients: list[Client],
    settings: Settings,
    patience: float,
    html: Path | None,
    json_: Path | None,
) -> None:
    """Let clients that are not the lab's own knock at every wire's server.

    Who connects, after how long, and who can chat then; who does not, with which HTTP status or
    close code, in which words. Each knocks twice: with the server's address and all else as
    installed, then straight at Engine.IO's WebSocket.
    """
    from lab.interop.matrix import pairings
    from lab.interop.page import page
    from transports import registry

    chosen = pairings(map(registry.load, wires), clients)
    if not chosen:
        raise click.BadParameter(
            f"nobody can knock at {', '.join(wires)}: name a wire with a socket (`lab list`)",
            param_hint="--wires",
        )
    console = Console(highlight=False)
    matrix = _run(chosen, settings, patience)
    _print(matrix, console)
    if html is not None:
        _write(html, page(matrix, ["lab", *map(shlex.quote, sys.argv[1:])]).encode(), console)
    if json_ is not None:
        _write(json_, msgspec.json.encode(matrix), console)


def _run(chosen: Sequence[Pairing], settings: Settings, patience_s: float) -> Matrix:
    from lab.interop.matrix import run

    columns = (TextColumn("knocking"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=len(chosen))

        def told(done: int) -> None:
            bar.update(task, completed=done)

        try:
            return asyncio.run(run(chosen, settings=settings, patience_s=patience_s, told=told))
        except OSError as error:
            raise click.ClickException(f"a server can't listen: {error.strerror}") from error


def _print(matrix: Matrix, console: Console) -> None:
    from lab.interop.table import legend, matrix_table, refusals_table
    from lab.interop.words import ABOUT, AIMS, KEY

    for aim, title in AIMS.items():
        console.print(title, style="bold underline")
        print_whole(matrix_table(matrix, aim), console)
        console.print(KEY, f"{ABOUT[aim]}\n", sep="\n", markup=False)
    for aim, title in AIMS.items():
        console.print(f"{title}: in their own words", style="bold underline")
        console.print(refusals_table(matrix, aim))
    console.print("How to read this", style="bold underline")
    console.print(legend(matrix))


def _write(file: Path, content: bytes, console: Console) -> None:
    write(file, content)
    console.print(f"written: {file}", markup=False, soft_wrap=True)
