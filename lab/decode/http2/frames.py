"""Find where a frame of HTTP/2 begins and ends (RFC 9113 section 4), and say what it does."""

from __future__ import annotations

__pure__ = True

from typing import NamedTuple

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
"""What a client sends first (section 3.4)."""
HEAD_BYTES = 9

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS = range(5)
PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(5, 10)
NAMES = (
    "DATA",
    "HEADERS",
    "PRIORITY",
    "RST_STREAM",
    "SETTINGS",
    "PUSH_PROMISE",
    "PING",
    "GOAWAY",
    "WINDOW_UPDATE",
    "CONTINUATION",
)
"""By type, section 6."""

END_STREAM = ACK = 0x1
END_HEADERS, PADDED, WITH_PRIORITY = 0x4, 0x8, 0x20
"""Flags. WITH_PRIORITY: a HEADERS frame begins with 5 bytes of priority."""

SIZES = {PRIORITY: 5, RST_STREAM: 4, PING: 8, WINDOW_UPDATE: 4}
"""Types whose payload has one size."""
SETTING_NAMES = {
    1: "HEADER_TABLE_SIZE",
    2: "ENABLE_PUSH",
    3: "MAX_CONCURRENT_STREAMS",
    4: "INITIAL_WINDOW_SIZE",
    5: "MAX_FRAME_SIZE",
    6: "MAX_HEADER_LIST_SIZE",
    8: "ENABLE_CONNECT_PROTOCOL",
}
"""Section 6.5.2, and RFC 8441 section 3."""
ERRORS = (
    "NO_ERROR",
    "PROTOCOL_ERROR",
    "INTERNAL_ERROR",
    "FLOW_CONTROL_ERROR",
    "SETTINGS_TIMEOUT",
    "STREAM_CLOSED",
    "FRAME_SIZE_ERROR",
    "REFUSED_STREAM",
    "CANCEL",
    "COMPRESSION_ERROR",
    "CONNECT_ERROR",
    "ENHANCE_YOUR_CALM",
    "INADEQUATE_SECURITY",
    "HTTP_1_1_REQUIRED",
)
"""By code, section 7."""
SIZE = "a frame has a size that its type does not allow (RFC 9113 section 4.2)"
PADDING = "a frame has more padding than payload (RFC 9113 section 6.1)"


class Frame(NamedTuple):
    """A frame of the stream's bytes `start` to `end`; its payload begins at `body`."""

    start: int
    end: int
    kind: int
    flags: int
    stream: int

    @property
    def body(self) -> int:
        """Where the payload begins."""
        return self.start + HEAD_BYTES

    @property
    def name(self) -> str:
        """What RFC 9113 calls it."""
        return NAMES[self.kind] if self.kind < len(NAMES) else f"frame of type {self.kind}"

    @property
    def title(self) -> str:
        """Its name and its stream."""
        return f"{self.name} of stream {self.stream}" if self.stream else self.name


def frame_of(head: bytes, start: int) -> Frame:
    """The frame that begins at `start` with these 9 bytes (section 4.1)."""
    size = int.from_bytes(head[:3])
    stream = int.from_bytes(head[5:]) & 0x7FFFFFFF
    return Frame(start, start + HEAD_BYTES + size, head[3], head[4], stream)


def content_of(frame: Frame, payload: bytes) -> tuple[int, int]:
    """Where the content of DATA, HEADERS, PUSH_PROMISE or CONTINUATION is in its payload.

    What is before and after it is padding, priority, or the promised stream (sections 6.1, 6.2,
    6.6). Raises ValueError where the payload is too short for them.
    """
    start, end = 0, len(payload)
    if frame.flags & PADDED and frame.kind != CONTINUATION:
        start, end = 1, end - (payload[0] if payload else 0)
    if frame.kind == HEADERS and frame.flags & WITH_PRIORITY:
        start += 5
    if frame.kind == PUSH_PROMISE:
        start += 4
    if start > end:
        raise ValueError(PADDING)
    return start, end


def acknowledges(frame: Frame) -> bool:
    """Whether it answers one of the same type (sections 6.5 and 6.7)."""
    return frame.kind in (SETTINGS, PING) and bool(frame.flags & ACK)


def summary_of(frame: Frame, payload: bytes) -> str:
    """What a frame does that carries no message, on one line.

    Raises ValueError where its size is not that of its type.
    """
    size = len(payload)
    if size != SIZES.get(frame.kind, size):
        raise ValueError(SIZE)
    return ", ".join([frame.title, *_notes(frame, payload)])


def _notes(frame: Frame, payload: bytes) -> list[str]:
    if acknowledges(frame):
        return ["ACK"]
    if frame.kind == SETTINGS:
        return _settings(payload)
    if frame.kind == RST_STREAM:
        return [_error(payload)]
    if frame.kind == GOAWAY:
        if len(payload) < 8:
            raise ValueError(SIZE)
        last = int.from_bytes(payload[:4]) & 0x7FFFFFFF
        return [_error(payload[4:8]), f"last stream {last}"]
    if frame.kind == WINDOW_UPDATE:
        return [f"{int.from_bytes(payload) & 0x7FFFFFFF} B more"]
    return [] if frame.kind in (PING, PRIORITY) else [f"{len(payload)} B"]


def _settings(payload: bytes) -> list[str]:
    if len(payload) % 6:
        raise ValueError(SIZE)
    pairs = [
        (int.from_bytes(payload[at : at + 2]), int.from_bytes(payload[at + 2 : at + 6]))
        for at in range(0, len(payload), 6)
    ]
    return [f"{SETTING_NAMES.get(name, f'setting {name}')} {value}" for name, value in pairs]


def _error(code: bytes) -> str:
    number = int.from_bytes(code)
    return ERRORS[number] if number < len(ERRORS) else f"error {number}"
