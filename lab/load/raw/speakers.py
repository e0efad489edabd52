"""Which raw member speaks which wire, by what the wire says that it can do."""

from __future__ import annotations

import selectors
from collections.abc import Callable

from lab.contract import Address, Capability, Transport
from lab.load.raw.dialects import Native, Socketio
from lab.load.raw.exchange import Member, RawError
from lab.load.raw.polling import PollingMember
from lab.load.raw.websocket import WebSocketMember


def speaks(wire: Transport) -> bool:
    """Whether the raw driver knows this wire's protocol."""
    can = wire.capabilities
    return Capability.NATIVE_FRAMES in can or Capability.ENGINE_IO in can


def speaker(wire: Transport, address: Address) -> Callable[[selectors.BaseSelector], Member]:
    """What makes another member of `wire`.

    Socket.IO's default is spoken as it is once it has upgraded: over its WebSocket.

    Raises:
        RawError: the raw driver does not know the wire's protocol.
    """
    can = wire.capabilities
    if Capability.NATIVE_FRAMES in can and address.websocket_url:
        url = address.websocket_url
        return lambda selector: WebSocketMember(selector, url, Native())
    if Capability.ENGINE_IO in can and Capability.WEBSOCKET in can and address.websocket_url:
        url = address.websocket_url
        return lambda selector: WebSocketMember(selector, url, Socketio())
    if Capability.ENGINE_IO in can:
        return lambda selector: PollingMember(selector, address.url, Socketio())
    raise RawError(f"the raw driver does not speak {wire.name}")
