"""`lab interop`: shows which client connects to which transport's server."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from lab.cli import ending
from lab.cli.console import open_console
from lab.cli.files import OUTPUT, write
from lab.cli.options import settings_option, transports_option
from lab.cli.trace import print_whole
from lab.cli.transports import separated
from lab.cli.values import Finite
from lab.contract import Settings
from lab.interop.clients import CLIENTS, Client, UnknownClientError, choose

if TYPE_CHECKING:
    from lab.interop.matrix import Pairing
    from lab.interop.outcome import Matrix


class ClientsType(click.ParamType[list[Client]]):
    """Names of clients, separated by commas; `all` stands for all of them."""

    name = "clients"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> list[Client]:
        """Convert the option; exit code 2 with the existing names."""
        words = separated(value, self, param, ctx, [*CLIENTS, "all"])
        try:
            return choose(CLIENTS if words == ["all"] else words)
        except UnknownClientError as error:
            self.fail(f"{error}; or all", param, ctx)


@click.command(epilog="Example: lab interop --transports websocket,socketio --html interop.html")
@transports_option("The transports whose servers are tested.", default="all")
@click.option(
    "--clients",
    type=ClientsType(),
    default="all",
    show_default=True,
    metavar="A,B,...",
    help=f"The clients, of: {', '.join(CLIENTS)}.",
)
@settings_option
@click.option(
    "--patience",
    type=Finite(0.5, 120),
    default=5,
    show_default=True,
    metavar="SECONDS",
    help="Seconds in which a client has to connect, and then to join the room.",
)
@click.option("--html", type=OUTPUT, help="Write the page, with every trace, to this file.")
@click.option(
    "--json", "json_", type=OUTPUT, help="Write the results and their bytes to this file."
)
def interop(
    transports: list[str],
    clients: list[Client],
    settings: Settings,
    patience: float,
    html: Path | None,
    json_: Path | None,
) -> None:
    """Connect clients that are not the lab's own to every transport's server.

    The tables show which client connects and chats, and after how long. For the others they show
    the HTTP status or the close code, and the client's own message. Each client tries twice: with
    the server's address and default options, then directly to Engine.IO's WebSocket.
    """
    from lab.interop.matrix import pairings
    from lab.interop.page import page
    from transports import registry

    chosen = pairings(map(registry.load, transports), clients)
    if not chosen:
        raise click.BadParameter(
            f"no client can connect to {', '.join(transports)}: choose a transport with a socket "
            "(`lab list`)",
            param_hint="--transports",
        )
    console = open_console(highlight=False)
    matrix = _run(chosen, settings, patience)
    _print(matrix, console)
    if html is not None:
        _write(html, page(matrix, ["lab", *map(shlex.quote, sys.argv[1:])]).encode(), console)
    if json_ is not None:
        _write(json_, msgspec.json.encode(matrix), console)


def _run(chosen: Sequence[Pairing], settings: Settings, patience_s: float) -> Matrix:
    from lab.interop.matrix import run

    columns = (TextColumn("connecting"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=open_console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=len(chosen))

        def show_progress(done: int) -> None:
            bar.update(task, completed=done)

        try:
            return ending.run(
                run(chosen, settings=settings, patience_s=patience_s, on_progress=show_progress)
            )
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
        console.print(f"{title}: the clients' messages", style="bold underline")
        console.print(refusals_table(matrix, aim))
    console.print("How to read this", style="bold underline")
    console.print(legend(matrix))


def _write(file: Path, content: bytes, console: Console) -> None:
    write(file, content)
    console.print(f"written: {file}", markup=False, soft_wrap=True)
