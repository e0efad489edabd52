"""Clients that connect to several nodes through nginx: how many can chat."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Literal

import msgspec

from lab.claims._support.captured import CapturedRoute, captured_route, trace_of
from lab.cluster.cluster import Plan, running_cluster
from lab.cluster.proxies import Site, Sticky
from lab.contract import ConnectionClosedError, ConnectOptions
from lab.decode.tree import HttpResponse
from lab.load.closed_loop import ignore
from lab.load.tapped import Capture
from transports._socketio.client import SocketioConnection

PATIENCE_S = 8.0
"""A client that fails waits for so long."""

Way = Literal["polling", "websocket"]


class Attempts(msgspec.Struct, frozen=True):
    """How many of some clients could not chat. `statuses`: what nginx answered, in rising order."""

    way: Way
    clients: int
    failed: int
    statuses: tuple[int, ...]
    capture: Capture


async def attempts(
    ways: Sequence[Way], clients: int, nodes: int, sticky: Sticky, upgrade: bool = True
) -> list[Attempts]:
    """Let clients of each way connect, join and speak, all at once, through a nginx of their own.

    `upgrade` False: nginx does not pass `Upgrade` on, as in its defaults.
    """
    plan = Plan("socketio", nodes, "nginx", sticky, site=Site(upgrade=upgrade))
    async with running_cluster(plan) as cluster:
        assert cluster.port is not None
        return [await _attempts(way, clients, cluster.port) for way in ways]


async def _attempts(way: Way, clients: int, port: int) -> Attempts:
    # A name: the client keeps no cookie of an address.
    async with captured_route(f"http://localhost:{port}", port) as route:
        chatted = await asyncio.gather(*(_chats(way, route) for _ in range(clients)))
        capture = route.capture
    answers = (node for connection in trace_of(capture).connections for node in connection.down)
    statuses = sorted({node.status for node in answers if isinstance(node, HttpResponse)})
    return Attempts(way, clients, chatted.count(False), tuple(statuses), capture)


async def _chats(way: Way, route: CapturedRoute) -> bool:
    options = ConnectOptions(timeout_s=PATIENCE_S)
    connection = SocketioConnection(ignore, [way], options)
    try:
        async with asyncio.timeout(PATIENCE_S):
            await connection.open(route.entrance, options)
            await connection.join("lab", f"member {id(connection)}")
            await connection.say("lab", "hello")
    except (ConnectionRefusedError, ConnectionClosedError, TimeoutError):
        return False
    finally:
        await connection.close()
    return True
