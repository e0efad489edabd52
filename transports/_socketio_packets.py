"""Shared by the Socket.IO wires: their packets' JSON, and the log that their library writes to."""

from __future__ import annotations

import logging
from typing import Any

import msgspec
import socketio.packet

# A peer that breaks the protocol is answered in the protocol; it is no error of this program.
LOG = logging.getLogger("transports.socketio")
LOG.setLevel(logging.CRITICAL)


class _Json:
    """The JSON of the native wires, in the shape of the standard library's module."""

    @staticmethod
    def dumps(value: object, **_options: object) -> str:
        return msgspec.json.encode(value).decode()

    @staticmethod
    def loads(text: str | bytes) -> Any:
        try:
            return msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError) as error:
            raise ValueError(str(error)) from None


class _EqualPacket(socketio.packet.Packet):  # type: ignore[misc]
    json = _Json


PACKET = {"equal": _EqualPacket, "stock": socketio.packet.Packet}
"""The packet class carries the JSON module; as `serializer` it is not process-wide."""
