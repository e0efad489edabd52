"""Which raw member speaks which wire, by what the wire says that it can do."""

from __future__ import annotations

import selectors
from collections.abc import Callable
from functools import partial

from lab.contract import Address, Capability, Transport
from lab.load.raw.dialects import Native, Socketio
from lab.load.raw.exchange import Member, RawError
from lab.load.raw.polling import PollingMember
from lab.load.raw.websocket import WebSocketMember

JoinOne = Callable[[selectors.BaseSelector], Member]
"""Connects another member, in a loop's selector. Can be pickled, for another process."""


def speaks(wire: Transport) -> bool:
    """Whether the raw driver knows this wire's protocol."""
    can = wire.capabilities
    return Capability.NATIVE_FRAMES in can or Capability.ENGINE_IO in can


def speaker(wire: Transport, address: Address, *, decoding: bool = False) -> JoinOne:
    """What makes another member of `wire`; `decoding`: one that keeps what it hears.

    Socket.IO's default is spoken as it is once it has upgraded: over its WebSocket.

    Raises:
        RawError: the raw driver does not know the wire's protocol.
    """
    can, url = wire.capabilities, address.websocket_url
    if Capability.NATIVE_FRAMES in can and url:
        return partial(WebSocketMember, url=url, dialect=Native(), decoding=decoding)
    if Capability.ENGINE_IO in can and Capability.WEBSOCKET in can and url:
        return partial(WebSocketMember, url=url, dialect=Socketio(), decoding=decoding)
    if Capability.ENGINE_IO in can:
        return partial(PollingMember, url=address.url, dialect=Socketio(), decoding=decoding)
    raise RawError(f"the raw driver does not speak {wire.name}")
