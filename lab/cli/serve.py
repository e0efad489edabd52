"""`lab serve`: one wire's server in a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from ipaddress import ip_address

import click
import msgspec

from lab.chat.limits import UNPACED, Limits
from lab.chat.rooms import Rooms
from lab.cli.options import settings_option
from lab.cli.planted import SlowedChat
from lab.cli.wires import WIRE
from lab.contract import Capability, Chat, Heartbeat, ServeOptions, Server, Settings, Transport
from lab.measure import collector
from lab.service import ChatService

PARENT_CHECK_S = 0.5


@click.command(epilog="Example: lab serve socketio-polling --port 8000")
@click.argument("wire", type=WIRE)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=0, show_default=True, type=click.IntRange(0, 65535), help="0: any.")
@click.option("--share", is_flag=True, help="Allow an address beyond this machine.")
@settings_option
@click.option(
    "--heartbeat",
    nargs=2,
    type=click.FloatRange(min=1),
    default=(25, 20),
    show_default=True,
    metavar="INTERVAL TIMEOUT",
    help="Seconds, under equal.",
)
@click.option(
    "--origin",
    "origins",
    multiple=True,
    metavar="ORIGIN",
    help="Allow this Origin, and no other; default: the same host.",
)
@click.option("--unpaced", is_flag=True, help="No limit on commands per second, for measuring.")
@click.option("--planted-slowdown", type=click.IntRange(min=0), default=0, hidden=True)
def serve(  # noqa: PLR0913, PLR0917 - an option each
    wire: Transport,
    host: str,
    port: int,
    share: bool,
    settings: Settings,
    heartbeat: tuple[float, float],
    origins: tuple[str, ...],
    unpaced: bool,
    planted_slowdown: int,
) -> None:
    """Serve the chat room on WIRE until SIGTERM, Ctrl-C or the end of the parent process.

    When ready, one line of JSON says where it listens. `lab list` names the wires.
    """
    if Capability.SOCKET not in wire.capabilities:
        raise click.BadParameter(f"{wire.name} has no socket to listen on", param_hint="WIRE")
    _check_reach(host, share)
    if wire.unsafe is not None:
        click.echo(f"{wire.name}: {wire.unsafe}", err=True)
    options = ServeOptions(host, port, settings, Heartbeat(*heartbeat), origins or None)
    chat: Chat = ChatService(Rooms(UNPACED if unpaced else Limits()))
    if planted_slowdown:
        if Capability.SHARED_ROOM not in wire.capabilities:
            raise click.UsageError(f"{wire.name} has a room of its own, which can't be slowed down")
        chat = SlowedChat(chat, planted_slowdown)
    try:
        with asyncio.Runner(loop_factory=wire.new_event_loop()) as runner:
            runner.run(_run(wire, options, chat))
    except ChildProcessError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"can't listen on {host}:{port}: {error.strerror}") from error


def _check_reach(host: str, share: bool) -> None:
    try:
        loopback = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        raise click.BadParameter(f"{host!r} is no IP address", param_hint="--host") from None
    if not loopback and not share:
        raise click.UsageError(f"{host} is reachable from elsewhere: add --share if you mean it")


async def _run(wire: Transport, options: ServeOptions, chat: Chat) -> None:
    # A parent that has ended before this is noticed too: there is no one to say "ready" to.
    ended = asyncio.ensure_future(_parent_ended(os.getppid()))
    asked = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    async with wire.serve(chat, options) as server:
        if options.settings == "equal":
            collector.calm()
        _say_ready(wire, options, server)
        waiting = asyncio.ensure_future(asked.wait())
        await asyncio.wait([waiting, ended], return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
    ended.cancel()


def _say_ready(wire: Transport, options: ServeOptions, server: Server) -> None:
    address = server.address
    ready = {
        "wire": wire.name,
        "url": address.url,
        "host": address.host,
        "port": address.port,
        "websocket_url": address.websocket_url,
        "pid": address.pid or os.getpid(),
        "settings": options.settings,
        "stack": msgspec.to_builtins(wire.stack()),
    }
    sys.stdout.write(json.dumps(ready) + "\n")
    sys.stdout.flush()


async def _parent_ended(parent: int) -> None:
    """Return when this process has been handed to another parent."""
    while os.getppid() == parent:  # noqa: ASYNC110 - the kernel tells no event loop of it
        await asyncio.sleep(PARENT_CHECK_S)
