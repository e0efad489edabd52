"""The wire `node-websocket`: native, on `ws` in Node; the client is that of `websocket`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lab.chat.events import RoomEvent
from lab.contract import (
    Address,
    Capability,
    Connection,
    ConnectOptions,
    Settings,
    Stack,
    netloc,
)
from transports import _native, _node, _node_versions
from transports._native_client import connect_native
from transports._versions import installed


class NodeWebSocket(_node.NodeTransport):
    """RFC 6455, as the library `ws` speaks it."""

    name = "node-websocket"
    summary = "native WebSocket on ws, in Node"
    tuned = "websocket-tuned"
    package = "ws"
    kind = "native"
    capabilities = _native.CAPABILITIES - {Capability.SHARED_ROOM} | {Capability.MASK_CHECK}

    def stack(self) -> Stack:
        """See `Transport`."""
        return Stack(
            language=_node_versions.language(),
            server=_node_versions.installed("ws"),
            client=installed("websockets"),
        )

    def knobs(self, settings: Settings) -> Mapping[str, str]:
        """See `Transport`."""
        if settings == "stock":
            return {
                "compression": "none, though the client offers permessage-deflate",
                "heartbeat": "20 s + 20 s, by the client; ws has none",
            }
        return {"compression": "none", "heartbeat": "25 s + 20 s, by the server"}

    def address_at(self, host: str, port: int) -> Address:
        """See `NodeTransport`."""
        url = f"ws://{netloc(host, port)}/"
        return Address(url, host, port, websocket_url=url)

    async def connect(
        self, url: str, on_event: Callable[[RoomEvent], None], options: ConnectOptions
    ) -> Connection:
        """See `Transport`."""
        return await connect_native(url, on_event, options)
