"""The wire `websocket`: native, on the library `websockets`."""

from __future__ import annotations

from transports._websockets import OnWebsockets


class WebSocket(OnWebsockets):
    """One WebSocket, from the handshake to the close frame."""

    name = "websocket"
    summary = "native WebSocket on websockets"
    tuned = "websocket-tuned"
