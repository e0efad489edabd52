"""`lab chat`: runs the page, the rooms and every transport's server in one process."""

from __future__ import annotations

import asyncio
import secrets
import socket
import webbrowser
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
import psutil

from lab.cli import ending
from lab.cli.durable import (
    check_durable,
    durable_options,
    first_of,
    open_durable,
    serving,
    shares_rooms,
)
from lab.cli.options import results_option, transports_option
from lab.cli.reach import why_not
from lab.cli.tls import serving_tls, tls_files

if TYPE_CHECKING:
    from lab.contract import ServerTls
    from lab.journal.sqlite import Sync
    from lab.page import PageOptions
    from lab.service.journaled import JournaledChat

TOKEN_BYTES = 16
PORT = 8000


@click.command(epilog="Example: lab chat --transports websocket,socketio,sse --no-open")
@click.option(
    "--port",
    default=PORT,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port of the page; 0: any free port.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="IP address to listen on.")
@click.option(
    "--share",
    is_flag=True,
    help="Allow an address that other machines can reach (0.0.0.0 by default). The address of the "
    "page then contains a token.",
)
@click.option(
    "--tls",
    is_flag=True,
    help="Page and transports speak TLS 1.3, with a certificate made for this run.",
)
@click.option("--certificate", metavar="FILE", help="Speak TLS with this certificate, in PEM.")
@click.option("--key", metavar="FILE", help="The key of that certificate, in PEM.")
@click.option("--no-open", is_flag=True, help="Don't open a browser.")
@transports_option("Offer only these. Default: all that can run here.", default=None)
@results_option("Folder for the results of the page's races.")
@durable_options
@click.pass_context
def chat(  # noqa: PLR0913, PLR0917 - an option each
    ctx: click.Context,
    port: int,
    host: str,
    share: bool,
    tls: bool,
    certificate: str | None,
    key: str | None,
    no_open: bool,
    transports: list[str] | None,
    results: Path,
    durable: Path | None,
    sync: Sync,
) -> None:
    """Chat on any transport in a browser, inspect it, emulate networks and compare transports.

    All transports share one set of rooms. Only this machine can connect, unless --share is given.
    With --tls the inspector reads what is inside TLS, by the keys of the servers. Ctrl-C ends it.
    """
    from lab.chat.limits import Limits
    from lab.page import PageOptions
    from lab.page.files import HOW_TO_BUILD, is_built

    named = ctx.get_parameter_source("host") is click.core.ParameterSource.COMMANDLINE
    host = "0.0.0.0" if share and not named else host
    _check_reach(host, share)
    if not is_built():
        click.echo(HOW_TO_BUILD, err=True)
    files, addresses = tls_files(certificate, key), tuple(_addresses()) if share else ()
    kept = None
    if durable is not None:
        transports = _sharing(transports)
        kept = open_durable(durable, sync, Limits())
    options = PageOptions(
        host=host,
        port=port,
        addresses=addresses,
        token=secrets.token_urlsafe(TOKEN_BYTES) if share else None,
        offered=None if transports is None else tuple(transports),
        results=results,
        say=lambda line: click.echo(line, err=True),
        chat=kept,
    )
    try:
        with serving_tls(tls, files, _certified_names(host, addresses)) as (server_tls, authority):
            options = replace(options, tls=server_tls)
            _say_whom_to_trust(server_tls, authority)
            ending.run(_run(options, kept, not no_open))
    except OSError as error:
        raise click.ClickException(why_not(f"{host}:{port}", error)) from error


def _check_reach(host: str, share: bool) -> None:
    from lab.contract import is_loopback

    try:
        loopback = is_loopback(host)
    except ValueError:
        raise click.BadParameter(f"{host!r} is no IP address", param_hint="--host") from None
    if not loopback and not share:
        raise click.UsageError(f"other machines can reach {host}: add --share to allow this")


def _certified_names(host: str, addresses: tuple[str, ...]) -> tuple[str, ...]:
    """What the page may be called; an unspecified address is no name."""
    return tuple(name for name in (host, *addresses) if name not in {"0.0.0.0", "::"})


def _say_whom_to_trust(tls: ServerTls | None, authority: str | None) -> None:
    """Say how a browser trusts a certificate that no authority of its own has signed."""
    if tls is None:
        return
    from lab.tls.authority import key_pin

    pin = key_pin(tls.certificate)
    click.echo(f"a browser has to trust the authority in {authority}; Chromium can trust", err=True)
    click.echo(f"this one key: --ignore-certificate-errors-spki-list={pin}", err=True)


def _addresses() -> list[str]:
    """Return this machine's addresses, with those that others can reach first."""
    every = [
        each.address
        for interface in psutil.net_if_addrs().values()
        for each in interface
        if each.family == socket.AF_INET
    ]
    return sorted(every, key=lambda address: address.startswith("127."))


def _sharing(named: list[str] | None) -> list[str]:
    """The transports whose rooms a journal can keep. Raises UsageError if a named one's can't."""
    from transports import registry

    if named is None:
        return [name for name in registry.available() if shares_rooms(registry.load(name))]
    for name in named:
        check_durable(registry.load(name))
    return named


async def _run(options: PageOptions, kept: JournaledChat | None, browse: bool) -> None:
    from lab.page import open_page

    asked = ending.end_requested()
    async with serving(kept) as failed, open_page(options) as page:
        click.echo(f"the page is at {page.url}")
        click.echo("Ctrl-C ends it.", err=True)
        if browse and not await asyncio.to_thread(webbrowser.open, page.url):
            click.echo("can't open a browser: open the address yourself", err=True)
        await first_of(asked, failed)
