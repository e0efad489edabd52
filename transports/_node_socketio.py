"""Shared by the Socket.IO wires in Node: all of the wire but which transports it allows."""

from __future__ import annotations

from collections.abc import Mapping

from lab.contract import Capability, Settings, Stack
from transports import _node, _node_versions, _socketio
from transports._versions import installed

CAPABILITIES = _socketio.CAPABILITIES - {Capability.SHARED_ROOM}


class NodeSocketioTransport(_socketio.SocketioWire, _node.NodeTransport):
    """A Socket.IO wire: `socket.io` in Node, and python-socketio's client."""

    package = "socket.io"
    kind = "socketio"

    def stack(self) -> Stack:
        """See `Transport`."""
        return Stack(
            language=_node_versions.language(),
            server=_node_versions.installed("socket.io"),
            client=installed("python-socketio"),
            http=_node_versions.language(),
        )

    def knobs(self, settings: Settings) -> Mapping[str, str]:
        """See `Transport`."""
        stock = settings == "stock"
        most = _socketio.PACKETS_PER_PAYLOAD[settings]
        return {
            "transports": ", ".join(self.transports),
            "compression": "gzip from 1024 B where the client takes it" if stock else "none",
            "heartbeat": "25 s + 20 s, by the server",
            "packets per payload": f"at most {most}, to the client",
            "broken poll": "repeated, its packets lost" if stock else "ends the connection",
            "idle HTTP connection": "kept for 5 s" if stock else "kept for an hour",
            "typing": "volatile: not sent where the client can't be written to at once",
        }
