"""The base of the native transports: their address, and the client of the library `websockets`."""

from __future__ import annotations

from collections.abc import Callable

from lab.chat.events import RoomEvent
from lab.contract import (
    Address,
    Capability,
    Connection,
    ConnectOptions,
    ServeOptions,
    Transport,
    netloc,
)
from transports._native.client import connect_native
from transports._shared.tls import scheme


class NativeTransport(Transport):
    """A transport in which one WebSocket text frame is one command or event (RFC 6455)."""

    def address_at(self, options: ServeOptions, port: int) -> Address:
        """Where a server of this transport is reached."""
        url = f"{scheme('ws', options.tls)}://{netloc(options.host, port)}/"
        answers_rfc_6455 = Capability.WEBSOCKET in self.capabilities
        return Address(url, options.host, port, websocket_url=url if answers_rfc_6455 else None)

    async def connect(
        self, url: str, on_event: Callable[[RoomEvent], None], options: ConnectOptions
    ) -> Connection:
        """See `Transport`."""
        return await connect_native(url, on_event, options)
