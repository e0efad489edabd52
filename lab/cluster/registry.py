"""The transports of a cluster: the libraries that join servers, as they come.

Any transport with a socket runs on several nodes too, which the lab's journal in Redis can join.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping

from lab.contract import Capability, Transport
from transports import registry
from transports._shared import extras

JOINED: Mapping[str, str] = {
    "socketio-redis-manager": "transports._cluster.redis_manager:RedisManager",
    "node-socketio-redis-adapter": "transports._cluster.node_adapters:RedisAdapter",
    "node-socketio-redis-streams": "transports._cluster.node_adapters:RedisStreams",
}
"""Transport whose library joins the nodes through Redis -> "module:class"."""

LACKS: Mapping[str, str] = {
    "order": "no total order: each node numbers what its own members say",
    "resume": "no replay: a client that reconnects has missed what was said, also at the same node",
    "keys": "no memory of keys: a text that is sent again under its key is posted again",
    "members": "no shared list: `joined` names the members at its own node",
    "names": "two members of a room may have one name, at two nodes",
    "departures": "the members of a node that dies never depart",
    "log": "no log: `history` and `rooms` are refused",
    "limits": "names, texts, rooms and the pace are not bounded, only a frame and a queue",
}
"""What these transports lack of the room -> the sentence that says so."""


def shares_rooms(name: str) -> bool:
    """Whether the lab's journal can join the nodes of a transport."""
    return name not in JOINED and _alone(name).can_join_nodes()


def lacks(name: str, joined: bool = False) -> Mapping[str, str]:
    """What the nodes of a transport lack of one room on all of them; empty: nothing.

    `joined`: the lab's journal joins them.
    """
    if name in JOINED:
        return LACKS
    if joined:
        return {}
    return {"backplane": "nothing joins the nodes: each has rooms of its own"}


def load(name: str, backplane: str) -> Transport:
    """Return a transport. Its nodes are joined through `backplane`, the URL of a Redis server.

    Raises:
        UnknownTransportError: there is no such transport, or it has no socket.
        UnavailableError: something that it needs is not installed.
    """
    if name not in JOINED:
        return _alone(name)
    module, attribute = JOINED[name].split(":")
    try:
        transport: Transport = getattr(importlib.import_module(module), attribute)(backplane)
        reason = transport.unavailable()
    except (ImportError, OSError) as error:
        raise registry.UnavailableError(extras.reason(error)) from error
    if reason is not None:
        raise registry.UnavailableError(reason)
    return transport


def _alone(name: str) -> Transport:
    try:
        transport = registry.load(name)
    except registry.UnknownTransportError as error:
        raise registry.UnknownTransportError(f"{error}; or {', '.join(JOINED)}") from None
    if Capability.SOCKET not in transport.capabilities:
        raise registry.UnknownTransportError(f"{name} has no socket to listen on")
    return transport
