"""`lab serve`: runs one transport's server in a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from lab.chat.limits import UNPACED, Limits
from lab.cli import ending
from lab.cli.compression import check_compression, compression_option
from lab.cli.durable import check_durable, durable_options, open_durable, serving
from lab.cli.join import Joining, check_joined, default_name, join_options, open_joined
from lab.cli.options import settings_option
from lab.cli.planted import SlowedChat
from lab.cli.reach import check_reach, why_not
from lab.cli.tls import serving_tls, tls_files
from lab.cli.transports import TRANSPORT
from lab.cli.values import ORIGIN, Finite
from lab.compression import Compression, chosen
from lab.contract import (
    Capability,
    Chat,
    Heartbeat,
    ServeOptions,
    Server,
    Settings,
    Transport,
)
from lab.faults.clock import follow
from lab.measure import collector
from lab.service import ChatService, new_rooms
from lab.service.claimed import ClaimedChat
from transports._shared.origin import host_name

if TYPE_CHECKING:
    from lab.journal.sqlite import Sync
    from lab.service.paced import PacedChat

PARENT_CHECK_S = 0.5


def _hosts(
    _ctx: click.Context, _option: click.Parameter, names: tuple[str, ...]
) -> tuple[str, ...]:
    """The callback of `--allow-host`."""
    try:
        return tuple(host_name(name) for name in names)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@click.command(epilog="Example: lab serve socketio-polling --port 8000")
@click.argument("transport", type=TRANSPORT)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=0, show_default=True, type=click.IntRange(0, 65535), help="0: any.")
@click.option("--share", is_flag=True, help="Allow an address that other machines can reach.")
@settings_option
@compression_option
@click.option(
    "--heartbeat",
    nargs=2,
    type=Finite(1, 86_400),
    default=(25, 20),
    show_default=True,
    metavar="INTERVAL TIMEOUT",
    help="Heartbeat in seconds, with the settings `equal`; a day at most.",
)
@click.option(
    "--origin",
    "origins",
    multiple=True,
    type=ORIGIN,
    metavar="ORIGIN",
    help="The only Origin to allow, as https://chat.example; default: the server's own host.",
)
@click.option(
    "--allow-host",
    "hosts",
    multiple=True,
    metavar="NAME",
    callback=_hosts,
    help="Answer to this name in a Host, too; default: those of this machine.",
)
@click.option(
    "--trust-proxy",
    is_flag=True,
    help="Trust Forwarded and X-Forwarded-Host, which a proxy in front sets.",
)
@click.option(
    "--calm-collector", is_flag=True, help="Collect garbage rarely under equal, for measuring."
)
@click.option("--unpaced", is_flag=True, help="No limit on commands per second, for measuring.")
@click.option("--tls", is_flag=True, help="Speak TLS 1.3, with a certificate made for this run.")
@click.option("--certificate", metavar="FILE", help="Speak TLS with this certificate, in PEM.")
@click.option("--key", metavar="FILE", help="The key of that certificate, in PEM.")
@durable_options
@join_options
@click.option("--planted-slowdown", type=click.IntRange(0, 10**9), default=0, hidden=True)
@click.option("--clock", type=click.Path(exists=True, path_type=Path), hidden=True)
def serve(  # noqa: PLR0913, PLR0917 - an option each
    transport: Transport,
    host: str,
    port: int,
    share: bool,
    settings: Settings,
    compression: Compression | None,
    heartbeat: tuple[float, float],
    origins: tuple[str, ...],
    hosts: tuple[str, ...],
    trust_proxy: bool,
    calm_collector: bool,
    unpaced: bool,
    tls: bool,
    certificate: str | None,
    key: str | None,
    durable: Path | None,
    sync: Sync,
    join: str | None,
    node: str | None,
    lease: float,
    planted_slowdown: int,
    clock: Path | None,
) -> None:
    """Serve the chat room on TRANSPORT until SIGTERM, Ctrl-C or the end of the parent process.

    When the server is ready, it prints its address as a line of JSON. `lab list` shows the
    transports.
    """
    if Capability.SOCKET not in transport.capabilities:
        raise click.BadParameter(
            f"{transport.name} has no socket to listen on", param_hint="TRANSPORT"
        )
    if clock is not None:
        follow(clock)
    check_reach(host, share, "--host")
    check_compression(transport, compression)
    if transport.unsafe is not None:
        click.echo(f"{transport.name}: {transport.unsafe}", err=True)
    beat = Heartbeat(*heartbeat)
    options = ServeOptions(host, port, settings, beat, origins or None, hosts, trust_proxy)
    files = tls_files(certificate, key)
    limits = UNPACED if unpaced else Limits()
    keeping = None if durable is None else (durable, sync)
    joining = None if join is None else Joining(join, node or default_name(), lease)
    if joining is not None:
        check_joined(transport, joining, share)
    rooms, kept = _open_rooms(transport, limits, keeping, joining)
    chat: Chat = rooms
    if planted_slowdown:
        if Capability.SHARED_ROOM not in transport.capabilities:
            raise click.UsageError(
                f"{transport.name} runs a room of its own, which can't be slowed down"
            )
        chat = SlowedChat(chat, planted_slowdown)
    try:
        wanted = tls or Capability.TLS_ALWAYS in transport.capabilities
        with serving_tls(wanted, files, (host, *hosts)) as (server_tls, authority):
            options = msgspec.structs.replace(options, tls=server_tls, compression=compression)
            running = _run(transport, options, chat, kept, (calm_collector, authority))
            ending.run(running, transport.new_event_loop())
    except ChildProcessError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(why_not(f"{host}:{port}", error)) from error


def _open_rooms(
    transport: Transport,
    limits: Limits,
    keeping: tuple[Path, Sync] | None,
    joining: Joining | None,
) -> tuple[ChatService, PacedChat | None]:
    """The rooms to serve; and the same again, if it is this process that has their journal."""
    if keeping is not None:
        if joining is not None:
            raise click.UsageError("--durable keeps the rooms of one server: leave --join away")
        check_durable(transport)
        durable = open_durable(*keeping, limits)
        return durable, durable
    if joining is not None:
        joined = open_joined(transport, joining, limits)
        return joined, None if isinstance(joined, ClaimedChat) else joined
    return ChatService(new_rooms(limits)), None


async def _run(
    transport: Transport,
    options: ServeOptions,
    chat: Chat,
    kept: PacedChat | None,
    shown: tuple[bool, str | None],
) -> None:
    calm, authority = shown
    # This also notices a parent that has ended already: nobody would read the line.
    ended = asyncio.ensure_future(_parent_ended(os.getppid()))
    asked = ending.end_requested()
    async with serving(kept) as failed, transport.serve(chat, options) as server:
        if calm and options.settings == "equal":
            collector.calm()  # a server that runs for days would keep what its connections leave
        _say_ready(transport, options, server, authority)
        waiting = [asyncio.ensure_future(event.wait()) for event in (asked, failed)]
        await asyncio.wait([*waiting, ended], return_when=asyncio.FIRST_COMPLETED)
        for each in waiting:
            each.cancel()
    ended.cancel()


def _say_ready(
    transport: Transport, options: ServeOptions, server: Server, authority: str | None
) -> None:
    address = server.address
    ready = {
        "transport": transport.name,
        "url": address.url,
        "host": address.host,
        "port": address.port,
        "websocket_url": address.websocket_url,
        "pid": address.pid or os.getpid(),
        "settings": options.settings,
        "compression": str(chosen(options.compression, options.settings)),
        "authority": authority,
        "stack": msgspec.to_builtins(transport.stack()),
    }
    sys.stdout.write(json.dumps(ready) + "\n")
    sys.stdout.flush()


async def _parent_ended(parent: int) -> None:
    """Return when this process has another parent, because its own has ended."""
    while os.getppid() == parent:  # noqa: ASYNC110 - the kernel tells no event loop of it
        await asyncio.sleep(PARENT_CHECK_S)
