"""Checks what `lab bench --client browser` and `--client node` can measure here."""

from __future__ import annotations

from collections.abc import Sequence

import click
from rich.console import Console

from lab.interop.chromium import chromium_unavailable
from lab.load.profiles import JAVASCRIPT_EXPERIMENTS, Client
from lab.measure.replicas import original
from lab.page import files
from lab.page.transports import UNSPOKEN
from transports import registry
from transports._node import versions as node_versions

NOT_BUILT = "{} is not built: run `make page` in a checkout (with Node and npm)"
NODE_CLIENTS = ("socket.io-client", "ws")
SPEAKERS = {"browser": "page", "node": "client in Node"}


class MissingError(click.ClickException):
    """Something that the client needs is missing. The exit code is 2: nothing was measured."""

    exit_code = 2


def in_javascript(
    client: Client,
    transports: Sequence[str],
    experiments: tuple[str, ...],
    plant: float | None,
    console: Console,
) -> tuple[list[str], tuple[str, ...]]:
    """Return the transports that this client speaks, and the experiments that it can run.

    Raises:
        UsageError: another experiment was requested, or the client speaks none of the transports.
        MissingError: the browser, Node or what `make page` builds is missing.
    """
    if others := [name for name in experiments if name not in JAVASCRIPT_EXPERIMENTS]:
        raise click.UsageError(
            f"--client {client} measures {', '.join(JAVASCRIPT_EXPERIMENTS)}, "
            f"not {', '.join(others)}"
        )
    if plant is not None:
        raise click.UsageError("--plant is for --client python")
    unspoken, speaker = UNSPOKEN[client], SPEAKERS[client]
    reasons = {name: unspoken(registry.load(original(name))) for name in transports}
    spoken = [name for name, reason in reasons.items() if reason is None]
    left_out = [f"{name} ({reason})" for name, reason in reasons.items() if reason is not None]
    if not spoken:
        raise click.UsageError(f"no {speaker} speaks {', '.join(left_out)}")
    if left_out:
        note = f"left out, since no {speaker} speaks them: {', '.join(left_out)}"
        console.print(note, markup=False)
    check_installed(client)
    return spoken, experiments or JAVASCRIPT_EXPERIMENTS


def check_installed(client: Client) -> None:
    """Raise MissingError if the client needs something that is missing. It says what to do."""
    if (reason := missing(client)) is not None:
        raise MissingError(reason)


def missing(client: Client) -> str | None:
    """Say what the client needs and the machine lacks, and what to do; None if nothing."""
    if client == "browser":
        built, name = files.STATIC / files.BENCH_PAGE, "the page that measures"
        reasons = [chromium_unavailable()]
    else:
        built, name = files.NODE_BENCH, "the program that measures in Node"
        reasons = [node_versions.unavailable(package) for package in NODE_CLIENTS]
    reasons.append(None if built.is_file() else NOT_BUILT.format(name))
    return next(filter(None, reasons), None)
