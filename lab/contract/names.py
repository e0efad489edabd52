"""The names and addresses by which a machine reaches itself."""

from __future__ import annotations

__pure__ = True

from ipaddress import ip_address

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`. Raises ValueError if it is not an address."""
    return host == "localhost" or ip_address(host).is_loopback
