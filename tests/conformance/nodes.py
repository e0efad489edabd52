"""Two nodes of one room in this process, for the tests that one server passes as well."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import redis

from lab.chat.limits import Limits
from lab.contract import Capability, Server, Transport
from lab.journal.redis.claim import claim
from lab.service import ChatService, wall_clock_ms
from lab.service.claimed import ClaimedChat
from lab.service.joined import JoinedChat
from tests.conformance.client import eventually
from transports._node.process import NodeServer

LEASE_S = 60.0
"""Long: no test lets a lease end."""


def two_nodes(
    url: str, transports: Sequence[Transport], limits: Limits | None, clock: Callable[[], int]
) -> Sequence[ChatService]:
    """The rooms of two nodes on these transports. Whatever the Redis server held is gone."""
    with redis.Redis.from_url(url) as client:
        client.flushdb()
    limits = limits or Limits()
    if any(Capability.JOINED_ROOM in transport.capabilities for transport in transports):
        clock = wall_clock_ms  # the other program's
    places = [claim(url, name, limits, LEASE_S) for name in ("one", "two")]
    return [
        ClaimedChat(place, limits)
        if Capability.JOINED_ROOM in transport.capabilities
        else JoinedChat(place, limits, clock)
        for place, transport in zip(places, transports, strict=True)
    ]


async def have_appended(chats: Sequence[ChatService], servers: Sequence[Server]) -> None:
    """Wait until Redis has what these nodes had to append: no other node can come before it."""
    loop = asyncio.get_running_loop()
    for chat, server in zip(chats, servers, strict=True):
        if isinstance(server, NodeServer):
            await _nothing_waits(server)
        if isinstance(chat, JoinedChat):
            listed = loop.create_future()
            chat.node.list_rooms(None, 1, listed.set_result)
            await listed


async def _nothing_waits(server: NodeServer) -> None:
    await eventually(lambda: server.counts()["waiting"] == 0, "all is appended")
