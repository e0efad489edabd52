"""The transports of a cluster in Node: `socket.io` joined by one of its adapters for Redis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from lab.contract import Capability, Chat, ServeOptions
from transports._node.socketio import CAPABILITIES, NodeSocketioTransport


class _Adapted(NodeSocketioTransport):
    kind = "cluster"
    transports = ("polling", "websocket")
    capabilities = CAPABILITIES - {Capability.ROOM, Capability.JOINED_ROOM}
    adapter: ClassVar[str]
    """How `node/cluster.mjs` names the adapter."""

    def __init__(self, backplane: str) -> None:
        """`backplane`: the URL of the Redis server."""
        self._backplane = backplane

    def _config(self, chat: Chat, options: ServeOptions) -> Mapping[str, Any]:
        backplane = {"adapter": self.adapter, "url": self._backplane}
        return {**super()._config(chat, options), "backplane": backplane}


class RedisAdapter(_Adapted):
    """`socket.io` with `@socket.io/redis-adapter`: a channel a room, read through a pattern."""

    name = "node-socketio-redis-adapter"
    summary = "socket.io with @socket.io/redis-adapter: Redis's publish and subscribe"
    package = "@socket.io/redis-adapter"
    adapter = "pubsub"


class RedisStreams(_Adapted):
    """`socket.io` with `@socket.io/redis-streams-adapter`: one stream for all rooms."""

    name = "node-socketio-redis-streams"
    summary = "socket.io with @socket.io/redis-streams-adapter: one stream of Redis for all rooms"
    package = "@socket.io/redis-streams-adapter"
    adapter = "streams"
