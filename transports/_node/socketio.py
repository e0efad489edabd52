"""The Socket.IO transports in Node: their server, their client, and their settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from lab.compression import CompressionChoices
from lab.contract import Capability, Chat, Heartbeat, ServeOptions, Settings, Stack
from transports._node import transport as node
from transports._node import versions as node_versions
from transports._shared.versions import installed
from transports._socketio import transport as socketio_transport
from transports._socketio.payload_limit import PACKETS_PER_PAYLOAD

CAPABILITIES = socketio_transport.CAPABILITIES - {
    Capability.SHARED_ROOM,
    Capability.DESCRIPTORS,
} | {Capability.COMPRESSION, Capability.JOINED_ROOM}


class NodeSocketioTransport(socketio_transport.SocketioClientTransport, node.NodeTransport):
    """A Socket.IO transport whose server is `socket.io` in Node and whose client is in Python."""

    package = "socket.io"
    kind = "socketio"
    parser_module: ClassVar[str] = "parser"
    """The module in `node/` that reads and writes the packets."""
    compression = CompressionChoices(
        stock="gzip of HTTP bodies from 1024 B where the client takes it",
        note="on WebSocket the client compresses at level 1",
    )

    def stack(self) -> Stack:
        """See `Transport`."""
        return Stack(
            language=node_versions.language(),
            server=node_versions.installed("socket.io"),
            client=installed("python-socketio"),
            http=node_versions.language(),
        )

    def _config(self, chat: Chat, options: ServeOptions) -> Mapping[str, Any]:
        return {**super()._config(chat, options), "parser": self.parser_module}

    def effective_settings(self, settings: Settings) -> Mapping[str, str]:
        """See `Transport`."""
        stock = settings == "stock"
        most = PACKETS_PER_PAYLOAD[settings]
        return {
            "transports": ", ".join(self.transports),
            "compression": self.compression.stock if stock else "none",
            "heartbeat": f"{Heartbeat()}, by the server",
            "packets per payload": f"at most {most}, to the client",
            "broken poll": "repeated, its packets lost" if stock else "ends the connection",
            "idle HTTP connection": "kept for 5 s" if stock else "kept for an hour",
            "typing": "volatile: not sent where the client can't be written to at once",
        }
