"""Read and write Socket.IO's packets in msgpack, and check them.

A packet is a map of `type`, `nsp`, `data` and `id`, and one binary message. npm's
`socket.io-msgpack-parser` writes the same. Bytes are values like others, so there are no
attachments. It writes `undefined` as an extension of msgpack, as the data of each connect without
any; here that is None.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgpack
import msgspec
from socketio.msgpack_packet import MsgPackPacket
from socketio.packet import ACK, CONNECT, CONNECT_ERROR, EVENT

from transports._socketio.packets import BrokenPacketError, NotEmpty, Parser, is_event

INVALID = (ValueError, RecursionError, TypeError)
"""What msgspec and msgpack raise for what is not msgpack, or has no value in Python."""


NIL = b"\xc0"
UNDEFINED = (0, b"\0")
"""The type and the data of the extension that is `undefined` in JavaScript, by `notepack.io`."""


class _Head(msgspec.Struct):
    """The map of a packet. `data` is skipped over to its end, and so is as long as it says."""

    type: Annotated[int, msgspec.Meta(ge=CONNECT, le=CONNECT_ERROR)]
    nsp: Annotated[str, msgspec.Meta(pattern="^/")]
    data: msgspec.Raw = msgspec.Raw(NIL)
    id: Annotated[int, msgspec.Meta(ge=0)] | msgspec.UnsetType = msgspec.UNSET


class StrictMsgpackPacket(NotEmpty, MsgPackPacket):  # type: ignore[misc]
    """The library's packet, with the checks that it lacks."""

    def decode(self, encoded_packet: object) -> int:
        """Decode a binary message. Returns 0: it has no attachments.

        Raises:
            BrokenPacketError: it is no packet.
        """
        if not isinstance(encoded_packet, bytes):
            raise BrokenPacketError("a text")
        try:
            head = msgspec.msgpack.decode(encoded_packet, type=_Head)
            self.data = self.read(bytes(head.data))
        except INVALID as error:
            raise BrokenPacketError(str(error)) from None
        self.packet_type, self.namespace = head.type, head.nsp
        self.id = None if head.id is msgspec.UNSET else head.id
        if not _fits(head.type, self.data):
            raise BrokenPacketError("data of another kind than the packet's")
        return 0

    @staticmethod
    def read(data: bytes) -> Any:
        """Read one value."""
        return msgpack.loads(data, ext_hook=_extension)

    def _to_dict(self) -> dict[str, Any]:
        """The map of the packet, without `data` where there is none.

        The library writes nil there. npm's parser takes that for an invalid packet, and so would
        end the connection of a client that leaves in order.
        """
        entries: dict[str, Any] = super()._to_dict()
        if self.data is None:
            del entries["data"]
        return entries


def _fits(kind: int, data: object) -> bool:
    """Whether a packet of this kind may have this data."""
    if kind == EVENT:
        return is_event(data)
    if kind == ACK:
        return isinstance(data, list)
    return kind != CONNECT or data is None or isinstance(data, dict)


def _extension(kind: int, data: bytes | memoryview) -> msgpack.ExtType | None:
    """The value of an extension. None is `undefined`; no other has a meaning in a room."""
    return None if (kind, data) == UNDEFINED else msgpack.ExtType(kind, bytes(data))


class _EqualMsgpackPacket(StrictMsgpackPacket):
    """Read and written by the library that the native transports have for JSON."""

    def encode(self) -> bytes:
        return msgspec.msgpack.encode(self._to_dict())

    @staticmethod
    def read(data: bytes) -> Any:
        return msgspec.msgpack.decode(data, ext_hook=_extension)


MSGPACK = Parser(
    "msgpack",
    packets={"equal": _EqualMsgpackPacket, "stock": StrictMsgpackPacket},
    libraries={"equal": "msgspec", "stock": "the library msgpack"},
)
