"""Variable-length integers of QUIC (RFC 9000 section 16)."""

from __future__ import annotations

__pure__ = True

MOST = 2**62 - 1
"""The largest number that has an encoding."""


def encode(number: int) -> bytes:
    """The shortest encoding: the two highest bits say how long it is.

    Raises:
        OverflowError: the number is negative or greater than `MOST`.
    """
    for power in range(4):
        length = 1 << power
        bits = 8 * length - 2
        if number < 1 << bits:
            return (number | power << bits).to_bytes(length, "big")
    raise OverflowError(f"{number} is greater than {MOST}")


def decode(data: bytes | bytearray, at: int = 0) -> tuple[int, int] | None:
    """The number at this place, and the place after it; None if its bytes are incomplete."""
    if at >= len(data):
        return None
    end = at + 2 ** (data[at] >> 6)
    if end > len(data):
        return None
    bits = 8 * (end - at) - 2
    return int.from_bytes(data[at:end], "big") & (2**bits - 1), end
