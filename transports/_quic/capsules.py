"""Capsules of a WebTransport session (RFC 9297 section 3.2), which travel on its CONNECT stream.

The lab needs one: the close of the session, with a code and a reason (draft-ietf-webtrans-http3,
section 6).
"""

from __future__ import annotations

__pure__ = True

from typing import NamedTuple

from transports._quic import varint

CLOSE_SESSION = 0x2843
"""The type of CLOSE_WEBTRANSPORT_SESSION."""
MOST_REASON = 1024
"""The most bytes of a reason."""
CODE_BYTES = 4


class Close(NamedTuple):
    """How a session was closed. A session that just ends has code 0 and no reason."""

    code: int = 0
    reason: str = ""

    def __str__(self) -> str:
        return f"close code {self.code}" + (f": {self.reason}" if self.reason else "")


class BrokenCapsuleError(ValueError):
    """The bytes are no capsule that a session may have."""


def encode_close(close: Close) -> bytes:
    """The capsule that closes a session."""
    reason = close.reason.encode()[:MOST_REASON]
    value = close.code.to_bytes(CODE_BYTES, "big") + reason
    return varint.encode(CLOSE_SESSION) + varint.encode(len(value)) + value


class Capsules:
    """Reads the capsules of one session. It skips the types that it does not know."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._skipping = 0

    def feed(self, data: bytes) -> Close | None:
        """Take bytes of the CONNECT stream. Returns the close once its capsule is complete.

        Raises:
            BrokenCapsuleError: a close that is too long, or no close.
        """
        self._buffer += data
        while True:
            skipped = min(self._skipping, len(self._buffer))
            del self._buffer[:skipped]
            self._skipping -= skipped
            if self._skipping or (header := self._header()) is None:
                return None
            kind, length, start = header
            if kind == CLOSE_SESSION:
                return self._close(length, start)
            del self._buffer[:start]
            self._skipping = length

    def _header(self) -> tuple[int, int, int] | None:
        kind = varint.decode(self._buffer)
        length = None if kind is None else varint.decode(self._buffer, kind[1])
        if kind is None or length is None:
            return None
        return kind[0], *length

    def _close(self, length: int, start: int) -> Close | None:
        if not CODE_BYTES <= length <= CODE_BYTES + MOST_REASON:
            raise BrokenCapsuleError(f"a close of {length} bytes")
        value = self._buffer[start : start + length]
        if len(value) < length:
            return None
        code = int.from_bytes(value[:CODE_BYTES], "big")
        return Close(code, value[CODE_BYTES:].decode(errors="replace"))
