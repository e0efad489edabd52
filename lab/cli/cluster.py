"""`lab cluster`: several nodes of a chat, what joins them, and a proxy before them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from rich.live import Live
from rich.table import Table

from lab.cli import cluster_costs, ending
from lab.cli.console import open_console
from lab.cli.files import OUTPUT
from lab.cli.join import LEASE_S as LEASE_RANGE_S
from lab.cli.options import settings_option
from lab.cli.values import Finite
from lab.cluster import registry
from lab.cluster.cluster import Cluster, Plan, check, running_cluster
from lab.cluster.node import LEASE_S
from lab.cluster.nodes import Counts
from lab.cluster.programs import ClusterError
from lab.cluster.proxies import CONFIGURATIONS, Proxy, Site, Sticky
from lab.contract import ServeOptions, Settings
from transports.registry import UnavailableError, UnknownTransportError

REFRESH_S = 1.0
MOST_NODES = 64
FIRST_PORT = 3101
"""The port of the first node in a printed configuration."""
PROXIES = tuple(CONFIGURATIONS)


@click.command(epilog="Example: lab cluster --nodes 3 --proxy nginx")
@click.option(
    "--nodes", default=2, show_default=True, type=click.IntRange(1, MOST_NODES), help="How many."
)
@click.option(
    "--transport",
    default="socketio-redis-manager",
    show_default=True,
    help=f"{', '.join(registry.JOINED)}, or one of `lab list`, whose nodes the lab's journal joins "
    "if it has the room.",
)
@click.option(
    "--proxy",
    type=click.Choice([*PROXIES, "none"]),
    default="none",
    show_default=True,
    help="What stands before the nodes.",
)
@click.option(
    "--sticky",
    type=click.Choice(["cookie", "address", "none"]),
    default="cookie",
    show_default=True,
    help="How the proxy finds a client's node again.",
)
@click.option(
    "--port", default=0, show_default=True, type=click.IntRange(0, 65535), help="The proxy's."
)
@settings_option
@click.option(
    "--lease",
    type=Finite(*LEASE_RANGE_S),
    default=LEASE_S,
    show_default=True,
    metavar="SECONDS",
    help="How long a node that the lab's journal joins may be away before its members depart.",
)
@click.option("--apart", is_flag=True, help="Don't join the nodes of a transport of `lab list`.")
@click.option(
    "--print-config",
    "printed",
    type=click.Choice(PROXIES),
    help="Print the configuration of this proxy for --nodes and --sticky, and end.",
)
@click.option(
    "--costs",
    type=OUTPUT,
    help="Measure what nodes pay for each other's messages, on every transport that joins them; "
    "write it to this file, and end.",
)
def cluster(  # noqa: PLR0913, PLR0917 - an option each
    nodes: int,
    transport: str,
    proxy: Proxy | str,
    sticky: Sticky,
    port: int,
    settings: Settings,
    lease: float,
    apart: bool,
    printed: Proxy | None,
    costs: Path | None,
) -> None:
    """Run several nodes of a chat on this machine until Ctrl-C.

    Starts a Redis server if the nodes are joined through one, then the nodes, then the proxy.
    Prints their addresses, and shows what each node counts. All of them end with this command, and
    leave no file.

    \b
    lab cluster --nodes 3 --transport node-socketio-redis-adapter --proxy haproxy
    lab cluster --nodes 2 --transport websocket    # one room on both nodes
    lab cluster --nodes 2 --transport socketio-polling --proxy nginx --sticky none
                                                   # see polling fail without stickiness
    lab cluster --nodes 4 --costs costs.json       # what a node pays for the others' messages
    lab cluster --print-config nginx --nodes 4     # the configuration, for your own servers
    """  # noqa: D301 - click's mark is the backspace itself
    if printed is not None:
        addresses = tuple(f"127.0.0.1:{FIRST_PORT + number}" for number in range(nodes))
        site = Site(f":{port or 8080}", addresses, sticky)
        click.echo(CONFIGURATIONS[printed](site), nl=False)
        return
    before = next((it for it in PROXIES if it == proxy), None)
    if port and before is None:
        raise click.UsageError("--port is the proxy's: add --proxy")
    options = ServeOptions(settings=settings)
    plan = Plan(transport, nodes, before, sticky, port, options, lease_s=lease)
    try:
        plan = replace(plan, joined=not apart and registry.shares_rooms(transport))
        check(plan)
        if costs is not None:
            cluster_costs.measure([*registry.JOINED], nodes, costs)
            return
    except UnknownTransportError as error:
        raise click.BadParameter(str(error), param_hint="--transport") from None
    except UnavailableError as error:
        raise click.UsageError(f"{transport} is unavailable: {error}") from None
    except ClusterError as error:
        raise click.UsageError(str(error)) from None
    try:
        ending.run(_run(plan))
    except ClusterError as error:
        raise click.ClickException(str(error)) from None


async def _run(plan: Plan) -> None:
    console = open_console()
    async with running_cluster(plan) as running:
        # Only now: before, a signal interrupts the start.
        stop = ending.end_requested()
        for line in describe(running):
            click.echo(line)
        found = await _show_until(stop, running, console)
    console.print(_table(found))


def describe(running: Cluster) -> list[str]:
    """A line for each part of a cluster: what it is, where it listens, and its process."""
    plan = running.plan
    lines = []
    lacks = registry.lacks(plan.transport, plan.joined).values()
    if plan.proxy is not None:
        pid = running.programs[plan.proxy].pid
        lines.append(f"proxy   {running.url}  {plan.proxy}, sticky: {plan.sticky}, pid {pid}")
    for node in running.nodes:
        lines.append(
            f"node {node.number:<2} {node.ready.url}  {plan.transport}, pid {node.ready.pid}"
        )
    if "redis" in running.programs:
        lines.append(f"redis   {running.backplane}  pid {running.programs['redis'].pid}")
    return [*lines, *(f"lacks   {sentence}" for sentence in lacks)]


async def _show_until(
    stop: asyncio.Event, running: Cluster, console: Console
) -> Sequence[Counts | None]:
    """Show the counts until the event is set; returns the last ones.

    Raises:
        ClusterError: the Redis server or the proxy has ended by itself.
    """
    shown = Live(console=console, auto_refresh=False, transient=True)
    found: Sequence[Counts | None] = []
    with shown if console.is_terminal else nullcontext():
        while True:
            found = [await node.counts() for node in running.nodes]
            if console.is_terminal:
                shown.update(_table(found), refresh=True)
            if stop.is_set():
                return found
            if (ended := running.ended()) is not None:
                raise ClusterError(ended)
            with suppress(TimeoutError):
                async with asyncio.timeout(REFRESH_S):
                    await stop.wait()


def _table(found: Sequence[Counts | None]) -> Table:
    """What each node has counted. `wasted`: what it read that no member here was to get."""
    table = Table("node", "connections", "members", "deliveries", "read", "bytes read", "wasted")
    for column in table.columns[1:]:
        column.justify = "right"
    for number, counts in enumerate(found, 1):
        table.add_row(str(number), *(["ended"] if counts is None else _cells(counts)))
    return table


def _cells(counts: Counts) -> list[str]:
    numbers = (counts.sessions, counts.members, counts.deliveries, counts.reads, counts.read_bytes)
    return [*("-" if it is None else f"{it:,}" for it in numbers), _wasted(counts)]


def _wasted(counts: Counts) -> str:
    if not counts.reads or counts.concerned is None:
        return "-"
    return f"{1 - counts.concerned / counts.reads:.0%}"
