"""The names that a page's server has, and so the Origins of its own page."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address

from lab.contract import LOOPBACK, is_loopback, netloc


def names_of(host: str, addresses: Iterable[str] = ()) -> tuple[str, ...]:
    """The names of a server that listens on `host`; the first is in the page's address.

    `addresses` are those of this machine: all of them reach a server whose `host` is unspecified.
    """
    if is_loopback(host):
        return tuple(dict.fromkeys((host, *LOOPBACK)))
    if ip_address(host).is_unspecified:
        return tuple(dict.fromkeys((*addresses, *LOOPBACK)))
    return (host,)


DEFAULT_PORTS = {"http": 80, "https": 443}


def origins_of(names: Iterable[str], port: int, scheme: str) -> tuple[str, ...]:
    """The Origins of a page that is served under these names (RFC 6454 section 6.2)."""
    # An Origin does not name the default port of its scheme (RFC 6454 section 6.2).
    suffix = f":{port}" if port == DEFAULT_PORTS[scheme] else ""
    return tuple(f"{scheme}://{netloc(name, port)}".removesuffix(suffix) for name in names)
