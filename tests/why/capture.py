"""Captures for tests, written down as a conversation: who sends what, and when."""

from __future__ import annotations

from lab.decode.tree import Direction
from lab.relay.capture import Captured, Chunk, ConnectionEvent, Kind

SECOND_NS = 1_000_000_000
OPENING = (
    b"GET /room HTTP/1.1\r\nHost: a.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
SWITCHED = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)
PING, PONG = b"\x89\x00", b"\x8a\x80\x00\x00\x00\x00"


class Conversation:
    """One or more connections. Times are in seconds from the beginning."""

    def __init__(self) -> None:
        self.captured: list[Captured] = []
        self.connection = 1

    def sends(self, direction: Direction, data: bytes, at_s: float) -> Conversation:
        """Bytes of the client ("up") or of the server ("down")."""
        self.captured.append(Chunk(self.connection, direction, _ns(at_s), data))
        return self

    def happens(self, kind: Kind, at_s: float, direction: Direction | None = None) -> Conversation:
        """Something besides bytes."""
        self.captured.append(ConnectionEvent(self.connection, kind, _ns(at_s), direction))
        return self

    def opens(self, at_s: float = 0, connection: int = 1) -> Conversation:
        """A TCP connection."""
        self.connection = connection
        return self.happens("opened", at_s).happens("connected", at_s)

    def upgrades(self, at_s: float = 0) -> Conversation:
        """A WebSocket, with one message each way."""
        self.opens(at_s).sends("up", OPENING, at_s).sends("down", SWITCHED, at_s + 0.01)
        return self.sends("up", masked(1, b"hi"), at_s + 0.02).sends("down", b"\x81\x02hi", 0.03)


def masked(opcode: int, payload: bytes) -> bytes:
    """A client's frame with a mask of zeros (RFC 6455, section 5.3)."""
    size = len(payload)
    length = bytes([128 | size]) if size < 126 else b"\xff" + size.to_bytes(8, "big")
    return bytes([128 | opcode]) + length + bytes(4) + payload


def close(code: int | None, reason: str = "") -> bytes:
    """A server's close frame."""
    payload = b"" if code is None else code.to_bytes(2, "big") + reason.encode()
    return bytes([0x88, len(payload)]) + payload


def request(target: str, **headers: str) -> bytes:
    """A GET with these headers."""
    lines = [f"GET {target} HTTP/1.1", "Host: a.example"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def response(status: int, body: str = "", extra: str = "") -> bytes:
    """An answer with this body."""
    head = f"HTTP/1.1 {status} Some Reason\r\nContent-Length: {len(body)}\r\n{extra}\r\n"
    return head.encode() + body.encode()


def _ns(seconds: float) -> int:
    return int(seconds * SECOND_NS) + SECOND_NS
