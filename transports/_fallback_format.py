"""Shared by the fallback wires: what one of them has to say of its format, and nothing else. Pure.

All of them speak the same packets in the same session; they differ in what a browser of their time
could be made to read. A wire's file fills in one of the two classes `Polling` and `Streaming`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from transports._fallback_packets import HEARTBEAT, NOOP, MalformedError

PLAIN = "text/plain; charset=UTF-8"

Packets = tuple[bytes, ...]
Query = Mapping[str, str]


class Format(ABC):
    """How one fallback wire writes what it carries."""

    name: ClassVar[str]
    """The wire's, and the transport's in its URLs: `/socket.io/1/<name>/<session>`."""
    content_type: ClassVar[str]
    """Of what comes down."""
    beat: ClassVar[bytes]
    """The packet by which a server that has nothing to say asks whether somebody is there."""

    growth: ClassVar[int] = 1
    """By how much a payload may grow in a body, up or down, where characters are escaped."""
    query: ClassVar[Query] = {}
    """What the client adds to the query of a GET in a session."""
    handshake_query: ClassVar[Query] = {}
    """What it adds to that of the handshake."""
    up_type: ClassVar[str] = "text/plain;charset=UTF-8"

    def answers(self, query: Query) -> bool:
        """Whether a GET with this query is one of this wire's."""
        return True

    def encode_handshake(self, text: bytes, query: Query) -> tuple[str, bytes]:
        """What answers a handshake: its type, its body."""
        return PLAIN, text

    def decode_handshake(self, body: bytes) -> bytes:
        """The reverse; raises MalformedError."""
        return body

    @abstractmethod
    def encode(self, packets: Packets, query: Query) -> bytes:
        """What carries these packets down: a poll's whole body, or one write of a stream."""

    def encode_up(self, payload: bytes) -> bytes:
        """The body of a POST."""
        return payload

    def decode_up(self, body: bytes) -> bytes:
        """The payload in the body of a POST; raises MalformedError."""
        return body


class Polling(Format):
    """A GET is answered as soon as there is something to say, and then comes the next GET."""

    beat = NOOP

    @abstractmethod
    def decode(self, body: bytes) -> bytes:
        """The payload in what answered a poll; raises MalformedError."""


class Streaming(Format):
    """One GET whose answer does not end; whatever there is to say is written into it."""

    beat = HEARTBEAT
    terminator: ClassVar[bytes]
    """What every write ends with, and what stands nowhere else."""
    prelude: ClassVar[bytes] = b""
    """Written once, before the first."""

    def prelude_for(self, page: str | None) -> bytes:
        """The same, for a reader that is part of a page of another origin, if of any."""
        return self.prelude

    @abstractmethod
    def decode(self, part: bytes) -> bytes | None:
        """The payload in what stands between two terminators; raises MalformedError.

        None where it is none, as what comes before the first write.
        """


class Splitter:
    """Cuts a stream at each terminator, wherever the network has cut it.

    It works on bytes, so that a character whose bytes come apart is whole again before it is read.
    """

    def __init__(self, terminator: bytes, most_bytes: int) -> None:
        self._terminator = terminator
        self._most_bytes = most_bytes
        self._rest = bytearray()
        self._searched = 0

    def feed(self, data: bytes) -> list[bytes]:
        """Take what came; returns the parts that it completed, without their terminators.

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
