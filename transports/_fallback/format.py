"""Define the format of a fallback transport. Pure.

All fallbacks send the same packets in the same session. They differ in the format, because each
uses one that the browsers of its time could read. A transport's file defines a subclass of
`Polling` or `Streaming`.
"""

from __future__ import annotations

__pure__ = True

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from transports._fallback.packets import HEARTBEAT, NOOP, MalformedError

PLAIN = "text/plain; charset=UTF-8"

Packets = tuple[bytes, ...]
Query = Mapping[str, str]


class Format(ABC):
    """How one fallback transport writes payloads into HTTP bodies."""

    name: ClassVar[str]
    """The transport's name, also in its URLs: `/socket.io/1/<name>/<session>`."""
    content_type: ClassVar[str]
    """The content type of the server's responses to a GET."""
    beat: ClassVar[bytes]
    """The packet that a server sends after a silence, to find out whether the client is alive."""

    growth: ClassVar[int] = 1
    """The factor by which escapes may make a body longer than its payload, in both directions."""
    query: ClassVar[Query] = {}
    """The parameters that the client adds to a GET in a session."""
    handshake_query: ClassVar[Query] = {}
    """The parameters that the client adds to the handshake."""
    up_type: ClassVar[str] = "text/plain;charset=UTF-8"
    """The content type of the client's POSTs."""

    def answers(self, query: Query) -> bool:
        """Whether this transport can answer a GET with this query."""
        return True

    def encode_handshake(self, text: bytes, query: Query) -> tuple[str, bytes]:
        """Content type and body of the answer to a handshake."""
        return PLAIN, text

    def decode_handshake(self, body: bytes) -> bytes:
        """The text in the answer to a handshake.

        Raises:
            MalformedError: the body is invalid.
        """
        return body

    @abstractmethod
    def encode(self, packets: Packets, query: Query) -> bytes:
        """These packets as the whole body of a poll's answer, or as one write of a stream."""

    def encode_up(self, payload: bytes) -> bytes:
        """The body of a POST."""
        return payload

    def decode_up(self, body: bytes) -> bytes:
        """The payload in the body of a POST.

        Raises:
            MalformedError: the body is invalid.
        """
        return body


class Polling(Format):
    """The server answers a GET as soon as a packet waits. Then the client sends the next GET."""

    beat = NOOP

    @abstractmethod
    def decode(self, body: bytes) -> bytes:
        """The payload in the answer to a poll.

        Raises:
            MalformedError: the body is invalid.
        """


class Streaming(Format):
    """One GET with a response that does not end. The server writes all packets into it."""

    beat = HEARTBEAT
    terminator: ClassVar[bytes]
    """The bytes at the end of every write. They stand nowhere else."""
    prelude: ClassVar[bytes] = b""
    """Bytes that the server writes once, before the first payload."""

    def prelude_for(self, page: str | None) -> bytes:
        """The prelude for a reader inside the page of the origin `page`, if it is given."""
        return self.prelude

    @abstractmethod
    def decode(self, part: bytes) -> bytes | None:
        """The payload between two terminators. None if there is none, as in the prelude.

        Raises:
            MalformedError: the part is invalid.
        """


class Splitter:
    """Splits a stream at each terminator, in whatever pieces it arrives.

    It works on bytes: a character's bytes may come in two pieces, and are joined before decoding.
    """

    def __init__(self, terminator: bytes, most_bytes: int) -> None:
        self._terminator = terminator
        self._most_bytes = most_bytes
        self._rest = bytearray()
        self._searched = 0

    def feed(self, data: bytes) -> list[bytes]:
        """Add received bytes. Returns the parts that are complete now, without their terminators.

        Raises:
            MalformedError: a part is longer than `most_bytes`.
        """
        self._rest += data
        parts: list[bytes] = []
        start = 0
        while (end := self._rest.find(self._terminator, max(start, self._searched))) >= 0:
            parts.append(bytes(self._rest[start:end]))
            start = end + len(self._terminator)
        del self._rest[:start]
        if len(self._rest) > self._most_bytes:
            raise MalformedError(f"a message is longer than {self._most_bytes} bytes")
        self._searched = max(0, len(self._rest) - len(self._terminator) + 1)
        return parts
