"""The option `--compression` of the commands that serve a transport, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from lab.cli.values import Parsed
from lab.compression import FORM, Compression, parse
from lab.contract import Capability, Transport
from transports import registry

COMPRESSION = Parsed("compression", parse)
Command = TypeVar("Command", bound=Callable[..., Any])


def compression_option(command: Command) -> Command:
    """`--compression`: how the connections of a transport compress."""
    return click.option(
        "--compression",
        type=COMPRESSION,
        metavar="HOW",
        help=f"{FORM}; window 9 to 15, level 0 to 9. Default: off under equal, stock under stock.",
    )(command)


def check_compression(transport: Transport, compression: Compression | None) -> None:
    """Raise UsageError if the transport can't compress so."""
    if compression is None or (fault := fault_of(transport, compression)) is None:
        return
    if transport.compression is None:
        loaded = map(registry.load, registry.available())
        able = [each.name for each in loaded if Capability.COMPRESSION in each.capabilities]
        fault += f"; these transports do: {', '.join(able)}"
    raise click.UsageError(fault)


def fault_of(transport: Transport, compression: Compression) -> str | None:
    """Why the transport can't compress so; None if it can."""
    if not compression.wanted:
        return None
    if transport.compression is None:
        return f"{transport.name} does not compress"
    return transport.compression.fault_of(transport.name, compression)
