"""Shared by the fallback wires: the packets of Socket.IO protocol revision 1, spoken by 0.7 to 0.9.

https://github.com/LearnBoost/socket.io-spec: a packet is `type:id:endpoint[:data]`. One packet is a
payload as it is; of several, each stands behind its length between two U+FFFD.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

DISCONNECT, CONNECT, HEARTBEAT, NOOP = b"0::", b"1::", b"2::", b"8::"
NOT_HANDSHAKEN = "7:::1+0"
"""The error for a session that there is not (reason 1), with the advice to reconnect (0)."""

SEPARATOR = "\ufffd"
MOST_DIGITS = 9

_packet = re.compile(r"([0-8]):(?:[0-9]*\+?):([^:]*)(?::(.*))?", re.DOTALL)


class MalformedError(ValueError):
    """What came breaks the protocol; the message says how."""


class Packet(NamedTuple):
    """One packet; `kind` is the digit before its first colon."""

    kind: str
    data: str


def message(json: bytes) -> bytes:
    """A packet of type 4: one command or event in JSON."""
    return b"4:::" + json


# Of a broadcast all members get the same, one after the other: it is made for the first of them.
@lru_cache(maxsize=1)
def payload(packets: tuple[bytes, ...]) -> bytes:
    """What one body, or one write of a stream, carries. UTF-8; there has to be a packet."""
    if len(packets) == 1:
        return packets[0]
    mark = SEPARATOR.encode()
    return b"".join(b"%b%d%b%b" % (mark, units(packet), mark, packet) for packet in packets)


def units(packet: bytes) -> int:
    """The length of UTF-8 text as JavaScript counts it, in UTF-16 code units."""
    return len(packet) if packet.isascii() else len(packet.decode().encode("utf-16-le")) // 2


def parse(body: bytes) -> list[Packet]:
    """The packets of one payload, in their order.

    Raises:
        MalformedError: it is no payload.
    """
    try:
        return [parse_packet(packet) for packet in split(body.decode())]
    except UnicodeDecodeError:
        raise MalformedError("a payload is UTF-8") from None


def split(text: str) -> list[str]:
    """The packets of one payload as they stand in it.

    Raises:
        MalformedError: a length is missing, or is not that of what follows.
    """
    if not text.startswith(SEPARATOR):
        return [text]
    found: list[str] = []
    at = 0
    while at < len(text):
        after = text.find(SEPARATOR, at + 1, at + 2 + MOST_DIGITS)
        length = text[at + 1 : max(after, at)]
        if text[at] != SEPARATOR or not (length.isascii() and length.isdigit()):
            raise MalformedError("each packet of several stands behind its length")
        found.append(_take(text, after + 1, int(length)))
        at = after + 1 + len(found[-1])
    return found


def _take(text: str, start: int, length: int) -> str:
    """The part from `start` on that is `length` UTF-16 code units long."""
    part = text[start : start + length]
    if not part.isascii():
        part = part.encode("utf-16-le")[: 2 * length].decode("utf-16-le", "ignore")
    if units(part.encode()) != length:
        raise MalformedError("a packet is not as long as its length says")
    return part


def parse_packet(text: str) -> Packet:
    """One packet.

    Raises:
        MalformedError: it is none.
    """
    match = _packet.fullmatch(text)
    if match is None:
        raise MalformedError("a packet is type:id:endpoint[:data], its type a digit from 0 to 8")
    return Packet(match[1], match[3] or "")
