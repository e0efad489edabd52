"""By which names a page's server is reached, and so which Origins are the page's own. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from lab.contract import netloc

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches that host. Raises ValueError for what is no address."""
    return host == "localhost" or ip_address(host).is_loopback


def names_of(host: str, addresses: Iterable[str] = ()) -> tuple[str, ...]:
    """What a browser may call a server by that listens on `host`; the first is what it is given.

    `addresses` are the machine's own, by all of which it is reached where `host` is none in
    particular.
    """
    if host == "localhost" or ip_address(host).is_loopback:
        return tuple(dict.fromkeys((host, *LOOPBACK)))
    if ip_address(host).is_unspecified:
        return tuple(dict.fromkeys((*addresses, *LOOPBACK)))
    return (host,)


def origins_of(names: Iterable[str], port: int) -> tuple[str, ...]:
    """The Origins of a page that is served under these names (RFC 6454 section 6.2)."""
    # Of HTTP's own port an Origin has nothing to say.
    return tuple(
        f"http://{netloc(name, port)}".removesuffix(":80" if port == 80 else "") for name in names
    )


def host_named(header: str | None) -> str:
    """The host that a `Host` header names, without its port; "" where it names none."""
    try:
        return urlsplit(f"//{header or ''}").hostname or ""
    except ValueError:
        return ""
