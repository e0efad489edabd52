"""Read and write the frames of RFC 6455, without any I/O."""

from __future__ import annotations

import struct
from collections.abc import Iterator

try:
    from websockets.speedups import apply_mask
except ImportError:  # the library was installed without its C extension
    from websockets.utils import apply_mask

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
"""Opcodes (section 5.2)."""

NORMAL, GOING_AWAY, PROTOCOL_ERROR, UNSUPPORTED_DATA = 1000, 1001, 1002, 1003
NO_CODE, INVALID_DATA, POLICY_VIOLATION, TOO_BIG = 1005, 1007, 1008, 1009
"""Close codes (section 7.4.1). NO_CODE is never sent: it means a close frame without a code."""

_FIN, _RESERVED, _OPCODE = 0x80, 0x70, 0x0F
_MASKED, _LENGTH = 0x80, 0x7F
_FIN_TEXT = _FIN | TEXT
_MOST_CONTROL_BYTES = 125  # section 5.5


class BrokenError(Exception):
    """The peer broke the protocol. `code` goes into the close frame, as the clause asks."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def frame(opcode: int, payload: bytes) -> bytes:
    """Build one unfragmented frame. A server does not mask its frames (section 5.1)."""
    size = len(payload)
    # Section 5.2: the shortest length form that fits: 7 bits, 16 bits after 126, 64 after 127.
    if size < 126:
        return bytes((_FIN | opcode, size)) + payload
    if size < 1 << 16:
        return struct.pack("!BBH", _FIN | opcode, 126, size) + payload
    return struct.pack("!BBQ", _FIN | opcode, 127, size) + payload


def close_frame(code: int, reason: str = "") -> bytes:
    """Build a close frame. With NO_CODE it has no body."""
    if code == NO_CODE:
        return frame(CLOSE, b"")
    return frame(CLOSE, struct.pack("!H", code) + reason.encode())


def close_code(payload: bytes) -> int:
    """Read the code from the body of a peer's close frame.

    Raises:
        BrokenError: the code may not be sent (section 7.4), or the reason is not UTF-8.
    """
    if not payload:
        return NO_CODE
    code = int.from_bytes(payload[:2], "big")
    # 1004 is reserved; 1005, 1006 and 1015 never stand in a frame; 3000 to 4999 are free to use.
    known = 1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999
    if len(payload) == 1 or not known:
        raise BrokenError(PROTOCOL_ERROR, "not a close code")
    _check_text(payload[2:])
    return code


class Frames:
    """Turns the bytes that a client sends into messages and control frames.

    A message has at most `most_bytes`, all of its fragments together.
    """

    __slots__ = ("_most_bytes", "_needed", "_opcode", "_parts", "_rest")

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._rest: bytearray | None = None
        self._needed = 0
        self._opcode: int | None = None
        # One bytearray, not a list: in a list, a fragment of one byte costs about 50 bytes.
        self._parts = bytearray()

    def receive(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Yield opcode and payload of each complete message or control frame.

        Text payloads are checked to be UTF-8 (section 8.1).

        Raises:
            BrokenError: the bytes break the protocol. All messages before them have been yielded.
        """
        if self._rest is not None:
            self._rest += data
            if len(self._rest) < self._needed:
                return  # else a frame that comes byte by byte is copied once for each byte
            data, self._rest = bytes(self._rest), None
        at, end = 0, len(data)
        self._needed = 2
        while end - at >= 2:
            first, second = data[at], data[at + 1]
            body, size = at + 6, second & _LENGTH  # two bytes of header, four of mask
            if size > 125:
                extended = 2 if size == 126 else 8
                if end - at < 2 + extended:
                    self._needed = 2 + extended
                    break
                body += extended
                size = int.from_bytes(data[at + 2 : at + 2 + extended], "big")
            # Nearly every frame is a text in one frame. It skips all checks but that of its size.
            usual = first == _FIN_TEXT and second >= _MASKED and self._opcode is None
            if not usual or size > self._most_bytes:
                self._check(first, second, size)
            if end < body + size:
                self._needed = body + size - at
                break
            payload = apply_mask(data[body : body + size], data[body - 4 : body])
            at = body + size
            if usual:
                if not payload.isascii():
                    _check_text(payload)
                yield TEXT, payload
            else:
                yield from self._unusual(first, payload)
        if at < end:
            self._rest = bytearray(data[at:])

    def _check(self, first: int, second: int, size: int) -> None:
        """Check a frame's header, before its payload has come."""
        opcode = first & _OPCODE
        if first & _RESERVED:
            # No extension is negotiated, so RSV1 to RSV3 are zero (section 5.2).
            raise BrokenError(PROTOCOL_ERROR, "a reserved bit is set")
        if second < _MASKED:  # section 5.1
            raise BrokenError(PROTOCOL_ERROR, "a client must mask its frames")
        if opcode >= CLOSE:
            self._check_control(first, opcode, size)
            return
        if opcode not in (CONTINUATION, TEXT, BINARY):
            raise BrokenError(PROTOCOL_ERROR, "a reserved opcode")
        # Section 5.4: only a begun message is continued, and no other message comes in between.
        if (opcode == CONTINUATION) != (self._opcode is not None):
            raise BrokenError(PROTOCOL_ERROR, "fragments out of order")
        if len(self._parts) + size > self._most_bytes:
            raise BrokenError(TOO_BIG, f"at most {self._most_bytes} bytes")

    def _check_control(self, first: int, opcode: int, size: int) -> None:
        if opcode > PONG:
            raise BrokenError(PROTOCOL_ERROR, "a reserved opcode")
        if not first & _FIN or size > _MOST_CONTROL_BYTES:  # section 5.5
            raise BrokenError(
                PROTOCOL_ERROR, "a control frame has one fragment of 125 bytes at most"
            )

    def _unusual(self, first: int, payload: bytes) -> Iterator[tuple[int, bytes]]:
        """Take any frame but a text in one frame."""
        opcode = first & _OPCODE
        if opcode >= CLOSE:
            yield opcode, payload
            return
        if opcode != CONTINUATION:
            self._opcode = opcode
        self._parts += payload
        if first & _FIN:
            yield self._whole()

    def _whole(self) -> tuple[int, bytes]:
        assert self._opcode is not None
        opcode, payload = self._opcode, bytes(self._parts)
        self._opcode, self._parts = None, bytearray()
        if opcode == TEXT:
            _check_text(payload)
        return opcode, payload


def _check_text(payload: bytes) -> None:
    try:
        payload.decode()
    except UnicodeDecodeError:
        raise BrokenError(INVALID_DATA, "a text must be UTF-8") from None
