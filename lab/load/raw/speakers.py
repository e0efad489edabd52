"""Chooses the raw member for a transport by the transport's capabilities."""

from __future__ import annotations

import itertools
import selectors
from collections.abc import Callable, Sequence
from functools import partial

from lab.contract import Address, Capability, ClientTls, Transport
from lab.load.raw.dialects import Native, Socketio, SocketioMsgpack
from lab.load.raw.exchange import Member, RawError
from lab.load.raw.polling import PollingMember
from lab.load.raw.websocket import WebSocketMember

JoinOne = Callable[[selectors.BaseSelector], Member]
"""Connects a member in a loop's selector. It can be pickled for another process."""
SPOKEN = {Capability.NATIVE_FRAMES, Capability.DEFAULT_PARSER, Capability.MSGPACK_PARSER}


class InTurn:
    """Connects one member after the other, in turn as each of some functions does."""

    def __init__(self, each: Sequence[JoinOne]) -> None:
        self._next = itertools.cycle(each)

    def __call__(self, selector: selectors.BaseSelector) -> Member:
        """See `JoinOne`."""
        return next(self._next)(selector)


def speaks(transport: Transport) -> bool:
    """Whether the raw driver knows this transport's protocol."""
    can = transport.capabilities
    return bool(can & SPOKEN) and Capability.HTTP_1 in can


def speaker(
    transport: Transport,
    address: Address,
    *,
    decoding: bool = False,
    tls: ClientTls | None = None,
) -> JoinOne:
    """A function that connects a member. `decoding`: the member keeps its deliveries.

    `tls`: how it checks a server that speaks TLS.

    Socket.IO's default mode is spoken as after its upgrade: over its WebSocket.

    Raises:
        RawError: the raw driver does not know the transport's protocol.
    """
    can, url = transport.capabilities, address.websocket_url
    if Capability.NATIVE_FRAMES in can and url:
        return partial(WebSocketMember, url=url, dialect=Native(), decoding=decoding, tls=tls)
    if Capability.DEFAULT_PARSER in can and Capability.WEBSOCKET in can and url:
        return partial(WebSocketMember, url=url, dialect=Socketio(), decoding=decoding, tls=tls)
    if Capability.MSGPACK_PARSER in can and url:
        packed = SocketioMsgpack()
        return partial(WebSocketMember, url=url, dialect=packed, decoding=decoding, tls=tls)
    if Capability.DEFAULT_PARSER in can:
        return partial(
            PollingMember, url=address.url, dialect=Socketio(), decoding=decoding, tls=tls
        )
    raise RawError(f"the raw driver does not speak {transport.name}")
