"""Read and write the JSON of Socket.IO's default parser, and check the packets."""

from __future__ import annotations

import msgspec
from socketio.packet import BINARY_ACK, BINARY_EVENT, EVENT

from lab.chat import json_text
from transports._socketio.packets import BrokenPacketError, NotEmpty, Parser, is_event

MOST_ATTACHMENTS = 10
"""The most binary messages of one packet, as in socket.io-parser."""
BINARY_KINDS = (BINARY_EVENT, BINARY_ACK)


class StrictPacket(NotEmpty):
    """The library's packet, with the checks that it lacks."""

    def decode(self, encoded_packet: object) -> int:
        """Decode a text. Returns the number of its attachments.

        Raises:
            BrokenPacketError: it is no packet.
        """
        if not isinstance(encoded_packet, str):
            raise BrokenPacketError("an attachment without a packet")
        try:
            attachments: int = super().decode(encoded_packet)
        except (ValueError, RecursionError) as error:
            raise BrokenPacketError(str(error)) from None
        if (self.packet_type in BINARY_KINDS) != (0 < attachments <= MOST_ATTACHMENTS):
            raise BrokenPacketError(f"{attachments} attachments")
        if self.packet_type in (EVENT, BINARY_EVENT) and not is_event(self.data):
            raise BrokenPacketError("an event must be an array that begins with its name")
        return attachments

    def add_attachment(self, attachment: object) -> bool:
        """Add a binary message. Returns whether the packet is complete now.

        Raises:
            BrokenPacketError: the message is a text, or the packet has no placeholder for it.
        """
        if not isinstance(attachment, bytes):
            raise BrokenPacketError("a text in place of an attachment")
        try:
            whole: bool = super().add_attachment(attachment)
        except (LookupError, TypeError, RecursionError):
            raise BrokenPacketError("a placeholder without an attachment") from None
        return whole


class _Json:
    """The JSON of the native transports, with the interface of the module `json`."""

    @staticmethod
    def dumps(value: object, **_options: object) -> str:
        return msgspec.json.encode(value).decode()

    loads = staticmethod(json_text.read)


class _EqualPacket(StrictPacket):
    json = _Json


JSON = Parser(
    "json",
    packets={"equal": _EqualPacket, "stock": StrictPacket},
    libraries={"equal": "msgspec", "stock": "the standard library's"},
)
"""The parser that a client of Socket.IO has unless it is given another."""
