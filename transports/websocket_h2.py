"""The transport `websocket-h2`: native WebSocket as a stream of HTTP/2 (RFC 8441).

The frames and the room are those of `websocket`, on the same library. What differs is what carries
them: the client asks by an extended CONNECT, and the frames are the content of DATA frames. One TCP
connection carries any number of WebSockets, each with a window of its own.

    -> HEADERS :method CONNECT, :protocol websocket, :path /
    <- HEADERS :status 200
    -> DATA    a frame: {"type":"say","id":7,"room":"den","text":"hello"}

docs/http2.md says what this costs. `_h2/` is the package that all transports over HTTP/2 share.
"""

from __future__ import annotations

from collections.abc import Callable

from lab.chat.events import RoomEvent
from lab.contract import (
    Capability,
    Connection,
    ConnectOptions,
    Stack,
)
from transports._h2.transport import OverHttp2
from transports._h2.websocket import connect_over_http2
from transports._native import server as native
from transports._native.websockets import OnWebsockets
from transports._shared.versions import PYTHON, installed

OVER_HTTP2 = native.CAPABILITIES - {
    Capability.HTTP_1,
    Capability.WEBSOCKET,
    Capability.NATIVE_FRAMES,
} | {
    Capability.HTTP_2,
    Capability.EXTENDED_CONNECT,
    Capability.KEPT_ALIVE,
    Capability.COMPRESSION,
}


class WebSocketH2(OverHttp2, OnWebsockets):
    """The server of `websocket`, each of whose connections is a stream."""

    name = "websocket-h2"
    summary = "native WebSocket as a stream of HTTP/2 (RFC 8441)"
    capabilities = OVER_HTTP2
    greeting = "a WebSocket opens here by an extended CONNECT (RFC 8441)\n"

    def stack(self) -> Stack:
        """See `Transport`."""
        websockets, h2 = installed("websockets"), installed("h2")
        return Stack(language=PYTHON, server=websockets, client=websockets, http=h2)

    async def connect(
        self, url: str, on_event: Callable[[RoomEvent], None], options: ConnectOptions
    ) -> Connection:
        """See `Transport`."""
        return await connect_over_http2(url, on_event, options)
