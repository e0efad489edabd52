"""Two nodes of one room in this process, for the tests that one server passes as well."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import redis

from lab.chat.limits import Limits
from lab.journal.redis.claim import claim
from lab.service import ChatService
from lab.service.joined import JoinedChat

LEASE_S = 60.0
"""Long: no test lets a lease end."""


def two_nodes(url: str, limits: Limits | None, clock: Callable[[], int]) -> Sequence[JoinedChat]:
    """The rooms of two nodes. Whatever the Redis server held is gone."""
    with redis.Redis.from_url(url) as client:
        client.flushdb()
    names = ("one", "two")
    return [
        JoinedChat(claim(url, name, limits or Limits(), LEASE_S), limits, clock) for name in names
    ]


async def have_appended(chats: Sequence[ChatService]) -> None:
    """Wait until Redis has what these nodes had to append: no other node can come before it."""
    loop = asyncio.get_running_loop()
    for chat in chats:
        if isinstance(chat, JoinedChat):
            listed = loop.create_future()
            chat.node.list_rooms(None, 1, listed.set_result)
            await listed
