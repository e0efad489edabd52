"""A Redis server for one cluster: on this machine only, in a folder of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from lab.cluster.programs import Program, find, free_ports, running

PROGRAM = "redis-server"


class Redis(NamedTuple):
    """A running Redis server, and the URL at which the nodes reach it."""

    program: Program
    url: str


@asynccontextmanager
async def redis_server(
    folder: Path,
    port: int = 0,
    fsync: str | None = None,
    more: Mapping[str, str] | None = None,
    within: Sequence[str] = (),
) -> AsyncIterator[Redis]:
    """Run a Redis server at a port of the loopback interface, 0 for a free one.

    It evicts nothing: what joins nodes must refuse a write rather than forget an earlier one.
    `fsync`: it keeps its data in the folder, with this `appendfsync`; None: in memory only.
    `more`: other settings. `within`: see `Program`.

    Raises:
        ClusterError: it is not installed, or does not start.
    """
    port = port or free_ports(1)[0]
    settings = {
        "bind": "127.0.0.1",
        "port": str(port),
        "dir": str(folder),
        "maxmemory-policy": "noeviction",
        "save": "",
        "appendonly": "no" if fsync is None else "yes",
        "appendfsync": fsync or "no",
        **(more or {}),
    }
    options = [word for name, value in settings.items() for word in (f"--{name}", value)]
    async with running([find(PROGRAM), *options], folder, port, within=within) as program:
        yield Redis(program, f"redis://127.0.0.1:{port}")
