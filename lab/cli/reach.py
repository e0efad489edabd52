"""Refuses an address that other machines can reach, unless the user allows it."""

from __future__ import annotations

from ipaddress import ip_address

import click

from lab.contract import is_loopback


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
