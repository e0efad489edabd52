"""`lab link`: runs a command on a link that delays and loses packets, or calibrates the link."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich import box
from rich.table import Table

from lab.cli.console import open_console
from lab.cli.network import link_seed_option, network_of, network_options
from lab.cli.options import results_option
from lab.cli.values import duration
from lab.link.kernel import LinkError
from lab.link.link import ADDRESS, Link, Side
from lab.link.path import Network
from lab.link.presets import PRESETS

if TYPE_CHECKING:
    from lab.cli.calibration import Calibrated

ENDING_S = 5.0
LOSS_PACKETS = 100_000
NOT_FOUND = 127
"""A shell's exit code for a program that it does not find."""


@click.command()
@network_options
@link_seed_option
@click.option(
    "--side",
    type=click.Choice(["client", "server"]),
    default="client",
    show_default=True,
    help=f"Where the command runs. The server's side is {ADDRESS['server']}.",
)
@click.option(
    "--server",
    metavar="COMMAND",
    help="Run this on the server's side meanwhile; it has to listen on "
    f"{ADDRESS['server']} or on 0.0.0.0.",
)
@click.option(
    "--change-address-after",
    "change_after",
    type=duration(),
    help="Give the client's side another address after this time, as a phone gets that leaves a "
    "Wi-Fi.",
)
@click.option(
    "--calibrate",
    is_flag=True,
    help="Measure RTT and loss against what is set, and record the run. Without a network: "
    "several.",
)
@click.option(
    "--packets",
    type=click.IntRange(100, 10_000_000),
    default=LOSS_PACKETS,
    show_default=True,
    help="Datagrams by which --calibrate measures loss.",
)
@results_option("Where --calibrate writes the run.")
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def link(  # noqa: PLR0913 - an option each
    *,
    network: str | None,
    seed: int,
    side: Side,
    server: str | None,
    change_after: int | None,
    calibrate: bool,
    packets: int,
    results: Path,
    command: tuple[str, ...],
    **conditions: Any,
) -> None:
    """Run a command on a link that delays, loses and reorders packets.

    The link joins two network namespaces, so TCP and UDP are the kernel's own. It needs root or
    user namespaces, and ends with the command. Without a command: lists the networks.

    \b
    lab link --network wifi-lossy -- bash               # a shell on the client's side
    lab link --network lte --server "lab serve websocket --host 192.0.2.1 --share --port 8901" \\
        -- lab judge ws://192.0.2.1:8901/
    lab link --delay 20ms --loss 0.05 --calibrate       # is it so?
    """  # noqa: D301 - click's mark is the backspace itself
    wanted = network_of(network, seed, conditions)
    if calibrate and (command or server):
        raise click.UsageError("--calibrate runs programs of its own: leave out the command")
    if not command and (server or change_after):
        raise click.UsageError("give the command that runs on the link, after --")
    try:
        if calibrate:
            _calibrate(wanted, packets, results)
        elif command:
            sys.exit(_run(wanted or Network(seed=seed), side, command, server, change_after))
        else:
            _show_networks(wanted)
    except LinkError as error:
        raise click.UsageError(str(error)) from error


def _show_networks(wanted: Network | None) -> None:
    console = open_console()
    if wanted is not None:
        console.print(f"{wanted.shown()}: give a command after --", highlight=False)
        return
    table = Table("network", "what it is", "conditions", "figures of", box=box.SIMPLE_HEAD)
    for preset in PRESETS.values():
        table.add_row(preset.name, preset.title, preset.network.shown(), preset.source)
    console.print(table)
    console.print("lab link --network NAME -- COMMAND runs a command on it", highlight=False)


def _run(
    network: Network,
    side: Side,
    command: Sequence[str],
    server: str | None,
    change_after: int | None,
) -> int:
    """Run the command, and return its exit code."""
    with Link(network) as opened:
        click.echo(f"{network.shown()}; the server's side is {ADDRESS['server']}", err=True)
        with ExitStack() as running:
            if server:
                running.enter_context(_running(opened, "server", shlex.split(server)))
            program = running.enter_context(_running(opened, side, command))
            if change_after is not None:
                _change_address(opened, program, change_after)
            code = program.wait()
        counted = opened.counted()
    for direction, one in counted.items():
        click.echo(
            f"{direction}: {one.packets:,} packets, {one.lost:,} lost, {one.dropped:,} dropped by "
            "the queue",
            err=True,
        )
    return 128 - code if code < 0 else code


def _change_address(opened: Link, program: subprocess.Popen[bytes], after_ns: int) -> None:
    try:
        program.wait(after_ns / 1e9)
    except subprocess.TimeoutExpired:
        click.echo(f"the client's side is now {opened.change_address()}", err=True)


@contextmanager
def _running(opened: Link, side: Side, command: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program on a side; end it at the end of the block."""
    try:
        with opened.inside(side):
            program = subprocess.Popen(command, env={**os.environ, "LAB_LINK": side})
    except OSError as error:
        click.echo(f"{command[0]} can't be run: {error.strerror}", err=True)
        raise click.exceptions.Exit(NOT_FOUND) from error
    try:
        yield program
    finally:
        program.terminate()
        try:
            program.wait(ENDING_S)
        except subprocess.TimeoutExpired:
            program.kill()
            program.wait()


def _calibrate(wanted: Network | None, packets: int, results: Path) -> None:
    from lab.cli import calibration

    networks = calibration.USUAL if wanted is None else {"as-set": wanted}
    console = open_console()
    found: list[Calibrated] = []
    with Link(Network()) as opened:
        for label, network in networks.items():
            console.print(f"{label}: {network.shown()}", style="dim", highlight=False)
            found += calibration.measure(opened, label, network, packets)
    console.print(calibration.table(found))
    run = calibration.save(found, networks, packets, results)
    console.print(f"run: {run.folder}", soft_wrap=True)
