"""The transport `node-websocket`: native WebSocket on the Node library `ws`.

One text frame is one command or event in JSON, as in `websocket`, and the client is that of
`websocket` (`_native/client.py`). So only the server's language and library differ. The room runs
in the Node program: `node/native.mjs` is the server, and `node/rooms.mjs` is the room in
JavaScript. `_node/process.py` starts and stops the program.
"""

from __future__ import annotations

from collections.abc import Mapping

from lab.compression import CompressionChoices
from lab.contract import (
    Capability,
    Heartbeat,
    Settings,
    Stack,
)
from transports._native import server as native
from transports._native.client import LIBRARY_HEARTBEAT
from transports._native.transport import NativeTransport
from transports._node import transport as node
from transports._node import versions as node_versions
from transports._shared.versions import installed


class NodeWebSocket(NativeTransport, node.NodeTransport):
    """RFC 6455 as the library `ws` implements it."""

    name = "node-websocket"
    summary = "native WebSocket on ws, in Node"
    tuned = "websocket-tuned"
    package = "ws"
    kind = "native"
    capabilities = native.CAPABILITIES - {Capability.SHARED_ROOM, Capability.DESCRIPTORS} | {
        Capability.MASK_CHECK,
        Capability.COMPRESSION,
        Capability.JOINED_ROOM,
    }
    compression = CompressionChoices(
        stock="none, though the client offers permessage-deflate",
    )

    def stack(self) -> Stack:
        """See `Transport`."""
        return Stack(
            language=node_versions.language(),
            server=node_versions.installed("ws"),
            client=installed("websockets"),
        )

    def effective_settings(self, settings: Settings) -> Mapping[str, str]:
        """See `Transport`."""
        if settings == "stock":
            return {
                "compression": self.compression.stock,
                "heartbeat": f"{LIBRARY_HEARTBEAT}, by the client; ws has none",
            }
        return {"compression": "none", "heartbeat": f"{Heartbeat()}, by the server"}
