"""The wires as the page's picker shows them: what they speak, and why some can't be joined."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from lab.contract import Capability, Transport
from lab.page.protocol import WireInfo
from transports import registry

NO_BROWSER = {
    "flashsocket": "no browser runs it: Adobe blocked Flash content from 12 January 2021 on, and "
    "Chrome 88 removed Flash on 19 January 2021"
}
"""Wires that can be served, but that no browser has a client for."""

NO_SOCKET = "it has no socket: it is a call inside the server's process"
NO_CLIENT = "the page has no client for it"
SPOKEN = {Capability.NATIVE_FRAMES, Capability.ENGINE_IO, Capability.HTTP_SESSION}
"""The page has a client for a wire that has one of these."""
OWN_ROOM = "its server is a program of its own, with rooms of its own"
NO_ROOM = "it is there to be measured against, and is not held to all that a room means"
NOT_OFFERED = "it was left out by --wires"


def survey(offered: Collection[str] | None = None) -> list[WireInfo]:
    """Every wire of the registry; `offered`: those that may be joined, None for all that can be."""
    return [
        _info(name, group, offered) for group, names in registry.GROUPS.items() for name in names
    ]


def _info(name: str, group: str, offered: Collection[str] | None) -> WireInfo:
    try:
        wire = registry.load(name)
    except registry.UnavailableError as error:
        return WireInfo(name, "", "native", False, False, False, str(error), None, group)
    reason = NOT_OFFERED if offered is not None and name not in offered else _obstacle(wire)
    return described(wire, group, reason)


def described(wire: Transport, group: str, reason: str | None) -> WireInfo:
    """What a page has to know of a wire to speak it; `reason`: why it can't be joined."""
    can = wire.capabilities
    return WireInfo(
        name=wire.name,
        summary=wire.summary,
        family=_family(wire),
        websocket=Capability.WEBSOCKET in can,
        polling=Capability.HTTP_SESSION in can,
        available=reason is None,
        reason=reason,
        unsafe=wire.unsafe,
        group=group,
    )


def unspoken(wire: Transport) -> str | None:
    """Why no page speaks this wire, wherever it is served; None where one does."""
    if Capability.SOCKET not in wire.capabilities:
        return NO_SOCKET
    if wire.name in NO_BROWSER:
        return NO_BROWSER[wire.name]
    return None if wire.capabilities & SPOKEN else NO_CLIENT


def _obstacle(wire: Transport) -> str | None:
    """Why a page can't join on this wire; None where it can."""
    if Capability.ROOM not in wire.capabilities:
        return NO_ROOM
    if Capability.SHARED_ROOM not in wire.capabilities and Capability.SOCKET in wire.capabilities:
        return OWN_ROOM
    return unspoken(wire)


def _family(wire: Transport) -> Literal["native", "socketio", "fallback"]:
    if Capability.NATIVE_FRAMES in wire.capabilities:
        return "native"
    return "socketio" if Capability.ENGINE_IO in wire.capabilities else "fallback"
