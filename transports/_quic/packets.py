"""Engine.IO's packets on a stream: each has a header, with its length and whether it is binary.

Engine.IO protocol 4.1, section "WebTransport". The highest bit of the first byte is set if the
packet is binary. The other seven are the length up to 125; for 126 the length is in the next two
bytes, for 127 in the next eight. So the lengths are those of WebSocket (RFC 6455 section 5.2).
"""

from __future__ import annotations

__pure__ = True

from transports._quic.messages import Header, Message

BINARY = 0x80
IN_TWO_BYTES, IN_EIGHT_BYTES = 126, 127


def read_header(data: bytes | bytearray, at: int) -> tuple[Header, int] | None:
    """Read the header at this place. See `messages.Reads`."""
    if at >= len(data):
        return None
    length, start = data[at] & ~BINARY, at + 1
    is_binary = bool(data[at] & BINARY)
    if length >= IN_TWO_BYTES:
        end = start + (2 if length == IN_TWO_BYTES else 8)
        if end > len(data):
            return None
        length, start = int.from_bytes(data[start:end], "big"), end
    return Header(length, is_binary), start


def encode(packet: str | bytes) -> bytes:
    """A packet with its header."""
    data, top = (packet.encode(), 0) if isinstance(packet, str) else (packet, BINARY)
    length = len(data)
    if length < IN_TWO_BYTES:
        header = bytes((top | length,))
    elif length < 1 << 16:
        header = bytes((top | IN_TWO_BYTES,)) + length.to_bytes(2, "big")
    else:
        header = bytes((top | IN_EIGHT_BYTES,)) + length.to_bytes(8, "big")
    return header + data


def decode(message: Message) -> str | bytes:
    """The packet of a message.

    Raises:
        UnicodeDecodeError: it is no binary packet, and no UTF-8.
    """
    return message.data if message.is_binary else message.data.decode()
