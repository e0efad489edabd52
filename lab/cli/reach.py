"""Addresses to listen on: those that others can reach need leave, and one that is taken is said."""

from __future__ import annotations

import errno
from ipaddress import ip_address

import click

from lab.contract import is_loopback


def why_not(address: object, error: OSError) -> str:
    """Say why a server can't listen on an address with a port."""
    if error.errno == errno.EADDRINUSE:
        return f"can't listen on {address}: the port is in use; choose another, or 0 for a free one"
    return f"can't listen on {address}: {error.strerror or error}"


def check_reach(host: str, share: bool, option: str) -> None:
    """Check the address of a server.

    Raises:
        click.UsageError: it is none, or other machines can reach it without `--share`.
    """
    try:
        loopback = is_loopback(host)
    except ValueError:
        raise click.BadParameter(f"{host!r} is no IP address", param_hint=option) from None
    if not loopback and not share:
        raise click.UsageError(f"other machines can reach {host}: add --share to allow this")


def check_one_interface(host: str, option: str) -> None:
    """Check that others can dial this address. Raises BadParameter for 0.0.0.0 and ::."""
    if host != "localhost" and ip_address(host).is_unspecified:
        raise click.BadParameter(
            f"{host} is every address of this machine: give the one that the workers dial",
            param_hint=option,
        )
