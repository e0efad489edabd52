"""Shared by the tuned wires: RFC 6455's frames, without any I/O."""

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
"""Close codes (section 7.4.1). NO_CODE is never sent: it stands for a close frame without one."""

_FIN, _RESERVED, _OPCODE = 0x80, 0x70, 0x0F
_MASKED, _LENGTH = 0x80, 0x7F
_FIN_TEXT = _FIN | TEXT
_MOST_CONTROL_BYTES = 125


class BrokenError(Exception):
    """The peer broke the protocol; `code` is that of the clause, for the close frame."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def frame(opcode: int, payload: bytes) -> bytes:
    """One whole frame from a server: not masked (section 5.1)."""
    size = len(payload)
    if size < 126:
        return bytes((_FIN | opcode, size)) + payload
    if size < 1 << 16:
        return struct.pack("!BBH", _FIN | opcode, 126, size) + payload
    return struct.pack("!BBQ", _FIN | opcode, 127, size) + payload


def close_frame(code: int, reason: str = "") -> bytes:
    """A close frame; without a body for NO_CODE."""
    if code == NO_CODE:
        return frame(CLOSE, b"")
    return frame(CLOSE, struct.pack("!H", code) + reason.encode())


def close_code(payload: bytes) -> int:
    """The code in a peer's close frame.

    Raises:
        BrokenError: it is none that may be sent (section 7.4), or its reason is not UTF-8.
    """
    if not payload:
        return NO_CODE
    code = int.from_bytes(payload[:2], "big")
    known = 1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999
    if len(payload) == 1 or not known:
        raise BrokenError(PROTOCOL_ERROR, "not a close code")
    _check_text(payload[2:])
    return code


class Frames:
    """What a client sends, frame by frame, into messages and control frames.

    `most_bytes` bounds a message, its fragments together.
    """

    __slots__ = ("_most_bytes", "_needed", "_opcode", "_parts", "_parts_bytes", "_rest")

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._rest: bytearray | None = None
        self._needed = 0
        self._opcode: int | None = None
        self._parts: list[bytes] = []
        self._parts_bytes = 0

    def receive(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Opcode and payload of each message or control frame that is whole; texts are UTF-8.

        Raises:
            BrokenError: what came breaks the protocol; all before it has been returned.
        """
        if self._rest is not None:
            self._rest += data
            if len(self._rest) < self._needed:
                return  # without looking: a frame that comes byte by byte is not copied each time
            data, self._rest = bytes(self._rest), None
        at, end = 0, len(data)
        self._needed = 2
        while end - at >= 2:
            first, second = data[at], data[at + 1]
            body, size = at + 6, second & _LENGTH
            if size > 125:
                extended = 2 if size == 126 else 8
                if end - at < 2 + extended:
                    self._needed = 2 + extended
                    break
                body += extended
                size = int.from_bytes(data[at + 2 : at + 2 + extended], "big")
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
        """What can be told from a frame's header."""
        opcode = first & _OPCODE
        if first & _RESERVED:
            raise BrokenError(PROTOCOL_ERROR, "a reserved bit is set")
        if second < _MASKED:
            raise BrokenError(PROTOCOL_ERROR, "a client's frame is masked")
        if opcode >= CLOSE:
            self._check_control(first, opcode, size)
            return
        if opcode not in (CONTINUATION, TEXT, BINARY):
            raise BrokenError(PROTOCOL_ERROR, "a reserved opcode")
        if (opcode == CONTINUATION) != (self._opcode is not None):
            raise BrokenError(PROTOCOL_ERROR, "fragments out of order")
        if self._parts_bytes + size > self._most_bytes:
            raise BrokenError(TOO_BIG, f"at most {self._most_bytes} bytes")

    def _check_control(self, first: int, opcode: int, size: int) -> None:
        if opcode > PONG:
            raise BrokenError(PROTOCOL_ERROR, "a reserved opcode")
        if not first & _FIN or size > _MOST_CONTROL_BYTES:
            raise BrokenError(PROTOCOL_ERROR, "a control frame is short and whole")

    def _unusual(self, first: int, payload: bytes) -> Iterator[tuple[int, bytes]]:
        """All but a text in one frame."""
        opcode = first & _OPCODE
        if opcode >= CLOSE:
            yield opcode, payload
            return
        if opcode != CONTINUATION:
            self._opcode = opcode
        if payload:  # empty fragments would fill the list and never the bound
            self._parts.append(payload)
        self._parts_bytes += len(payload)
        if first & _FIN:
            yield self._whole()

    def _whole(self) -> tuple[int, bytes]:
        assert self._opcode is not None
        opcode, payload = self._opcode, b"".join(self._parts)
        self._opcode, self._parts, self._parts_bytes = None, [], 0
        if opcode == TEXT:
            _check_text(payload)
        return opcode, payload


def _check_text(payload: bytes) -> None:
    try:
        payload.decode()
    except UnicodeDecodeError:
        raise BrokenError(INVALID_DATA, "a text is UTF-8") from None
