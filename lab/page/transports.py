"""The transports as the page's picker shows them: their protocols, and why some can't be joined."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Literal

from lab.contract import Capability, Transport
from lab.load.profiles import Client
from lab.page.protocol import TransportInfo
from transports import registry

NO_SOCKET = "it has no socket: it is a call inside the server's process"
NO_CLIENT = "the page has no client for it"
ONLY_OVER_TLS = "browsers speak HTTP/2 over TLS only"
NOT_OVER_TLS = f"{ONLY_OVER_TLS}: lab chat --tls"
SPOKEN = {
    Capability.NATIVE_FRAMES,
    Capability.DEFAULT_PARSER,
    Capability.MSGPACK_PARSER,
    Capability.HTTP_SESSION,
}
"""The page has a client for a transport that has one of these."""
NATIVE = {Capability.NATIVE_FRAMES, Capability.EXTENDED_CONNECT, Capability.WEBTRANSPORT}
"""What the browser has a class of its own for: `WebSocket`, `WebTransport`."""
SPOKEN_IN_NODE = {
    Capability.NATIVE_FRAMES,
    Capability.DEFAULT_PARSER,
    Capability.MSGPACK_PARSER,
}
NO_PAGE = "its client needs what only a page has"
NO_ROOM = "it is a baseline for measurements, and does not have all that a room means"
NOT_OFFERED = "it was left out by --transports"


def survey(
    offered: Collection[str] | None = None, *, over_tls: bool = False
) -> list[TransportInfo]:
    """Every transport of the registry.

    `offered`: the transports that may be joined; None: all that can be. `over_tls`: whether the
    page and its links speak TLS.
    """
    return [
        _info(name, group, offered, over_tls=over_tls)
        for group, names in registry.GROUPS.items()
        for name in names
    ]


def _info(
    name: str, group: str, offered: Collection[str] | None, *, over_tls: bool
) -> TransportInfo:
    try:
        transport = registry.load(name)
    except registry.UnavailableError as error:
        return TransportInfo(name, "", "native", False, False, False, str(error), None, group)
    left_out = offered is not None and name not in offered
    reason = NOT_OFFERED if left_out else _obstacle(transport, over_tls=over_tls)
    return described(transport, group, reason)


def described(transport: Transport, group: str, reason: str | None) -> TransportInfo:
    """What a page needs to know of a transport to use it; `reason`: why it can't be joined."""
    can = transport.capabilities
    return TransportInfo(
        name=transport.name,
        summary=transport.summary,
        family=_family(transport),
        websocket=Capability.WEBSOCKET in can,
        polling=Capability.HTTP_SESSION in can,
        available=reason is None,
        reason=reason,
        unsafe=transport.unsafe,
        group=group,
        own_rooms=has_own_rooms(transport),
        webtransport=Capability.WEBTRANSPORT in can,
        http2=Capability.HTTP_2 in can,
        relayed=Capability.TCP in can,
        msgpack=Capability.MSGPACK_PARSER in can,
    )


def has_own_rooms(transport: Transport) -> bool:
    """Whether its server is a program of its own, with rooms that no other transport reaches."""
    can = transport.capabilities
    return Capability.SOCKET in can and Capability.SHARED_ROOM not in can


def unspoken(transport: Transport) -> str | None:
    """Why the page has no client for this transport without TLS; None where it has one."""
    if Capability.SOCKET not in transport.capabilities:
        return NO_SOCKET
    if Capability.HTTP_2 in transport.capabilities:
        return ONLY_OVER_TLS
    if transport.no_browser:
        return transport.no_browser
    return None if transport.capabilities & SPOKEN else NO_CLIENT


def unspoken_in_node(transport: Transport) -> str | None:
    """Why the page's client does not speak this transport in Node; None where it does."""
    if reason := unspoken(transport):
        return reason
    return None if transport.capabilities & SPOKEN_IN_NODE else NO_PAGE


UNSPOKEN: Mapping[Client, Callable[[Transport], str | None]] = {
    "browser": unspoken,
    "node": unspoken_in_node,
}
"""Client in JavaScript -> why it does not speak a transport; None where it does."""


def _obstacle(transport: Transport, *, over_tls: bool) -> str | None:
    """Why a page can't join on this transport; None where it can."""
    if Capability.ROOM not in transport.capabilities:
        return NO_ROOM
    if Capability.WEBTRANSPORT in transport.capabilities:
        return None
    if Capability.HTTP_2 in transport.capabilities:
        return None if over_tls else NOT_OVER_TLS
    return unspoken(transport)


def _family(transport: Transport) -> Literal["native", "socketio", "fallback"]:
    if Capability.ENGINE_IO in transport.capabilities:
        return "socketio"
    return "native" if NATIVE & transport.capabilities else "fallback"
