"""Frames as bytes, right or wrong on purpose (RFC 6455 section 5.2)."""

from __future__ import annotations

__pure__ = True

import struct

from lab.decode.rfc6455 import unmask

NO_MASK = b"\0\0\0\0"
"""A valid mask, which leaves the payload readable."""


def frame(
    opcode: int,
    payload: bytes = b"",
    *,
    first: int = 0x80,
    masked: bool = True,
    mask: bytes = NO_MASK,
) -> bytes:
    """One frame. `first` holds FIN and the reserved bits."""
    head = header(opcode, len(payload), first=first, masked=masked, mask=mask)
    return head + (unmask(payload, mask) if masked and mask != NO_MASK else payload)


def header(
    opcode: int, length: int, *, first: int = 0x80, masked: bool = True, mask: bytes = NO_MASK
) -> bytes:
    """The header of a frame that claims `length` bytes of payload."""
    if length < 126:
        return sized(opcode, length, 7, first=first, masked=masked, mask=mask)
    bits = 16 if length < 1 << 16 else 64
    return sized(opcode, length, bits, first=first, masked=masked, mask=mask)


def sized(
    opcode: int,
    length: int,
    bits: int,
    *,
    first: int = 0x80,
    masked: bool = True,
    mask: bytes = NO_MASK,
) -> bytes:
    """A header whose length is written in 7, 16 or 64 bits, whether it needs them or not."""
    mask_bit, tail = (0x80, mask) if masked else (0, b"")
    match bits:
        case 7:
            size = struct.pack("!B", mask_bit | length)
        case 16:
            size = struct.pack("!BH", mask_bit | 126, length)
        case _:
            size = struct.pack("!BQ", mask_bit | 127, length)
    return bytes([first | opcode]) + size + tail
