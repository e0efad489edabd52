"""The options of the commands that open a link, and the network that they describe."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click
import msgspec

from lab.cli.values import BANDWIDTH, DURATION, SEED, Finite
from lab.link.kernel import is_able
from lab.link.link import unavailable
from lab.link.path import Conditions, Network
from lab.link.presets import PRESETS

Command = TypeVar("Command", bound=Callable[..., Any])

CONDITIONS = {
    "delay": "delay_ns",
    "jitter": "jitter_ns",
    "loss": "loss",
    "burst": "burst",
    "reorder": "reorder",
    "rate": "rate_bytes_per_s",
    "queue": "queue_packets",
}
"""Option -> the field of `Conditions` that it sets, in both directions."""
MOST_QUEUED = 1_000_000


def network_options(command: Command) -> Command:
    """`--network`, and an option for each condition."""
    share = Finite(0, 1)
    options = [
        click.option(
            "--network",
            type=click.Choice(list(PRESETS)),
            help="A network with published figures; `lab link` lists them. The options below "
            "change it, in both directions.",
        ),
        click.option("--delay", type=DURATION, help="ONE-WAY delay: 20ms adds 40 ms to the RTT."),
        click.option(
            "--jitter", type=DURATION, help="Vary each delay by up to this; at most the delay."
        ),
        click.option("--loss", type=share, help="Share of packets to lose: 0.05 is 5 %."),
        click.option(
            "--burst",
            type=Finite(1, 10_000),
            help="Mean number of packets lost in a row; default: each is lost independently.",
        ),
        click.option(
            "--reorder", type=share, help="Share of packets that arrive late, behind others."
        ),
        click.option("--rate", type=BANDWIDTH, help="Limit in each direction: 1mbit, 56kbit, 2MB."),
        click.option(
            "--queue",
            type=click.IntRange(1, MOST_QUEUED),
            help="Packets that may wait because of --rate; the others are dropped.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


link_seed_option = click.option(
    "--seed",
    type=SEED,
    default=0,
    show_default=True,
    help="Of the chance that decides on each packet: equal seeds repeat it.",
)


def network_of(preset: str | None, seed: int, given: dict[str, Any]) -> Network | None:
    """The network of these options; None if there is none of them.

    `given`: the values of the options in `CONDITIONS`. Raises click.UsageError.
    """
    changed = {CONDITIONS[name]: value for name, value in given.items() if value is not None}
    if preset is None and not changed:
        return None
    base = PRESETS[preset].network if preset else Network()
    if given.get("queue") is not None:
        changed["queue_bytes"] = None
    try:
        return Network(up=_with(base.up, changed), down=_with(base.down, changed), seed=seed)
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def _with(conditions: Conditions, changed: dict[str, Any]) -> Conditions:
    return Conditions(**{**msgspec.structs.asdict(conditions), **changed})


def check_able() -> None:
    """Check that links can be opened, and run this program again where that needs it.

    An ordinary user gets the right in a user namespace, which a program with several threads can't
    enter. Raises click.UsageError with the reason.
    """
    if (reason := unavailable()) is not None:
        raise click.UsageError(reason)
    if not is_able():
        os.execv(sys.executable, [sys.executable, "-m", "lab.link.able", *sys.argv[1:]])
