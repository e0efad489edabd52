"""How a fleet is addressed, and how its workers are called where a run is published."""

from __future__ import annotations

__pure__ = True

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

SCHEME = "dask"
_WORD = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9_-]{1,32}|\d{1,5}", re.ASCII)
"""A name that a person gave. Dask's own default is the worker's address, which no run records."""


def parse_fleet(text: str) -> str:
    """Return the `HOST:PORT` of `dask://HOST:PORT`. Raises ValueError that says what is allowed."""
    allowed = f"write {SCHEME}://HOST:PORT, the address of a Dask scheduler"
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError(f"{text!r} is no fleet: {allowed}") from None
    if parts.username is not None or parts.password is not None:
        raise ValueError(f"a fleet's address has no user and no password: {allowed}")
    if parts.scheme != SCHEME or not host or not port or parts.path or parts.query:
        raise ValueError(f"{text!r} is no fleet: {allowed}")
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def label_all(names: Mapping[str, object]) -> dict[str, str]:
    """Address -> label of each worker, such as "ada on host 1". `names`: address -> Dask's name.

    A name without a word of its own is a number. Labels hold no address, and all differ.
    """
    hosts: dict[str, int] = {}
    for address in sorted(names):
        hosts.setdefault(_host(address), len(hosts) + 1)
    labels = {}
    for number, address in enumerate(sorted(names), 1):
        name = str(names[address])
        called = name if _WORD.fullmatch(name) else f"worker-{number}"
        labels[address] = f"{called} on host {hosts[_host(address)]}"
    return labels


def _host(address: str) -> str:
    """`tcp://10.0.0.1:40001` -> `10.0.0.1`."""
    return address.rpartition("://")[2].rpartition(":")[0]
