"""`lab chat`: the page, the rooms and every wire's server in one process."""

from __future__ import annotations

import asyncio
import errno
import secrets
import signal
import socket
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

import click
import psutil

from lab.cli.wires import WIRES

if TYPE_CHECKING:
    from lab.page import PageOptions

TOKEN_BYTES = 16
PORT = 8000


@click.command(epilog="Example: lab chat --wires websocket,socketio,sse --no-open")
@click.option(
    "--port",
    default=PORT,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Where the page is; 0: any.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="IP address to listen on.")
@click.option(
    "--share",
    is_flag=True,
    help="Allow an address beyond this machine, 0.0.0.0 if no other is named; the address of the "
    "page has a token in it then.",
)
@click.option("--no-open", is_flag=True, help="Don't open a browser.")
@click.option(
    "--wires", type=WIRES, metavar="A,B,...", help="Offer these only; default: all that can be had."
)
@click.option(
    "--results",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("results"),
    show_default=True,
    help="Where the page's races are kept.",
)
@click.pass_context
def chat(
    ctx: click.Context,
    port: int,
    host: str,
    share: bool,
    no_open: bool,
    wires: list[str] | None,
    results: Path,
) -> None:
    """Chat on any wire in a browser, see the wire, bend it, and race them all.

    One set of rooms for all wires, on this machine only unless --share. Ctrl-C ends it.
    """
    from lab.page import PageOptions
    from lab.page.files import HOW_TO_BUILD, is_built

    named = ctx.get_parameter_source("host") is click.core.ParameterSource.COMMANDLINE
    host = "0.0.0.0" if share and not named else host
    _check_reach(host, share)
    if not is_built():
        click.echo(HOW_TO_BUILD, err=True)
    options = PageOptions(
        host=host,
        port=port,
        addresses=tuple(_addresses()) if share else (),
        token=secrets.token_urlsafe(TOKEN_BYTES) if share else None,
        offered=None if wires is None else tuple(wires),
        results=results,
        say=lambda line: click.echo(line, err=True),
    )
    try:
        asyncio.run(_run(options, not no_open))
    except OSError as error:
        raise click.ClickException(_why_not(host, port, error)) from error


def _check_reach(host: str, share: bool) -> None:
    from lab.page.names import is_loopback

    try:
        loopback = is_loopback(host)
    except ValueError:
        raise click.BadParameter(f"{host!r} is no IP address", param_hint="--host") from None
    if not loopback and not share:
        raise click.UsageError(f"{host} is reachable from elsewhere: add --share if you mean it")


def _addresses() -> list[str]:
    """This machine's, the ones first that others can reach it by."""
    every = [
        each.address
        for interface in psutil.net_if_addrs().values()
        for each in interface
        if each.family == socket.AF_INET
    ]
    return sorted(every, key=lambda address: address.startswith("127."))


def _why_not(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is taken: choose another with --port, or --port 0 for any that is free"
    return f"can't listen on {host}:{port}: {error.strerror or error}"


async def _run(options: PageOptions, browse: bool) -> None:
    from lab.page import open_page

    asked = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    async with open_page(options) as page:
        click.echo(f"the page is at {page.url}")
        click.echo("Ctrl-C ends it.", err=True)
        if browse and not await asyncio.to_thread(webbrowser.open, page.url):
            click.echo("no browser could be opened: open the address yourself", err=True)
        await asked.wait()
