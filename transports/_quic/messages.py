"""Messages on a stream of bytes: each has its length before it.

A QUIC stream has no frames of its own. `Messages` cuts it into messages; how a length is written is
the protocol's choice: `read_length` for the native transport, `packets.read_header` for Engine.IO.
"""

from __future__ import annotations

__pure__ = True

from collections.abc import Callable
from typing import NamedTuple

from transports._quic import varint


class Header(NamedTuple):
    """What stands before a message: its length in bytes, and whether it is binary."""

    length: int
    is_binary: bool = False


class Message(NamedTuple):
    """One whole message."""

    data: bytes
    is_binary: bool


Reads = Callable[[bytes | bytearray, int], tuple[Header, int] | None]
"""Reads a header at a place. Returns it with the place after it; None if it is incomplete."""


class TooLongError(ValueError):
    """A header announces a message that is longer than the limit."""


class Messages:
    """Collects the bytes of one stream. It holds no more than one message that is incomplete."""

    def __init__(self, read: Reads, most_bytes: int) -> None:
        self._read = read
        self._most_bytes = most_bytes
        self._buffer = bytearray()

    @property
    def is_inside(self) -> bool:
        """Whether a message has begun and is not complete."""
        return bool(self._buffer)

    def feed(self, data: bytes) -> list[Message]:
        """Take bytes of the stream, and return the messages that are complete now.

        Raises:
            TooLongError: the next message is longer than the limit. Nothing after it can be read.
        """
        self._buffer += data
        found: list[Message] = []
        at = 0
        while (header := self._header(at)) is not None:
            (length, is_binary), start = header
            if start + length > len(self._buffer):
                break
            at = start + length
            found.append(Message(bytes(self._buffer[start:at]), is_binary))
        del self._buffer[:at]
        return found

    def _header(self, at: int) -> tuple[Header, int] | None:
        read = self._read(self._buffer, at)
        if read is not None and read[0].length > self._most_bytes:
            raise TooLongError(f"a message of {read[0].length} bytes; at most {self._most_bytes}")
        return read


def read_length(data: bytes | bytearray, at: int) -> tuple[Header, int] | None:
    """Read the header of the native transport: the length as QUIC writes its varint."""
    read = varint.decode(data, at)
    return None if read is None else (Header(read[0]), read[1])


def encode(text: bytes) -> bytes:
    """A message of the native transport with its header."""
    return varint.encode(len(text)) + text
