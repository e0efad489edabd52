"""A process of clients that only answer heartbeats, each at a different time.

    python -m tests.conformance.staggered_clients TRANSPORT URL AUTHORITY APART_S NAME...

AUTHORITY is the file of the server's, or empty without TLS. It prints `ready` when all are in the
room `den`, and ends when its standard input ends.
"""

from __future__ import annotations

import asyncio
import sys

from lab.contract import ClientTls, ConnectOptions
from tests.conformance.client import PATIENCE_S
from transports import registry


def options_for(authority: str | None) -> ConnectOptions:
    """How a client connects to a server whose authority is in this file; None or empty: no TLS."""
    return ConnectOptions(timeout_s=PATIENCE_S, tls=ClientTls(authority) if authority else None)


async def main(name: str, url: str, authority: str, apart_s: str, *members: str) -> None:
    """Connect one client after the other."""
    transport = registry.load(name)
    connections = []
    for member in members:
        connection = await transport.connect(url, lambda _event: None, options_for(authority))
        await connection.join("den", member)
        connections.append(connection)
        await asyncio.sleep(float(apart_s))
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
