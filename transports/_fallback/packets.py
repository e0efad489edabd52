"""Read and write the packets of Socket.IO protocol revision 1, that of versions 0.7 to 0.9.

https://github.com/LearnBoost/socket.io-spec: a packet is `type:id:endpoint[:data]`. A payload of
one packet is the packet alone. In a payload of several packets, each one follows its length, which
stands between two U+FFFD.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

DISCONNECT, CONNECT, HEARTBEAT, NOOP = b"0::", b"1::", b"2::", b"8::"
NOT_HANDSHAKEN = "7:::1+0"
"""The error for an unknown session (reason 1), with the advice to reconnect (0)."""

SEPARATOR = "\ufffd"
MOST_DIGITS = 9

_packet = re.compile(r"([0-8]):(?:[0-9]*\+?):([^:]*)(?::(.*))?", re.DOTALL)


class MalformedError(ValueError):
    """Received bytes break the protocol; the message says how."""


class Packet(NamedTuple):
    """One packet; `kind` is the digit before its first colon."""

    kind: str
    data: str


def message(json: bytes) -> bytes:
    """A packet of type 4: one command or event in JSON."""
    return b"4:::" + json


# All members of a broadcast get the same payload, one after the other. It is built once.
@lru_cache(maxsize=1)
def payload(packets: tuple[bytes, ...]) -> bytes:
    """The payload of one body, or of one write of a stream, in UTF-8. At least one packet."""
    if len(packets) == 1:
        return packets[0]
    mark = SEPARATOR.encode()
    return b"".join(b"%b%d%b%b" % (mark, units(packet), mark, packet) for packet in packets)


def units(packet: bytes) -> int:
    """The length of UTF-8 text as JavaScript counts it, in UTF-16 code units."""
    return len(packet) if packet.isascii() else len(packet.decode().encode("utf-16-le")) // 2


def parse(body: bytes) -> list[Packet]:
    """The packets of one payload, in order.

    Raises:
        MalformedError: the body is no payload.
    """
    return list(each(body))


def each(body: bytes) -> Iterator[Packet]:
    """The packets of one payload, in order. Each one is parsed when the iterator reaches it.

    Raises:
        MalformedError: the body is no payload.
    """
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise MalformedError("a payload must be UTF-8") from None
    yield from map(parse_packet, split(text))


def split(text: str) -> Iterator[str]:
    """The packets of one payload, unparsed.

    Raises:
        MalformedError: a length is missing or wrong.
    """
    if not text.startswith(SEPARATOR):
        yield text
        return
    at = 0
    while at < len(text):
        after = text.find(SEPARATOR, at + 1, at + 2 + MOST_DIGITS)
        length = text[at + 1 : max(after, at)]
        if text[at] != SEPARATOR or not (length.isascii() and length.isdigit()):
            raise MalformedError("each packet of several must follow its length")
        packet = _take(text, after + 1, int(length))
        at = after + 1 + len(packet)
        yield packet


def _take(text: str, start: int, length: int) -> str:
    """The part of `text` from `start` on with a length of `length` UTF-16 code units."""
    part = text[start : start + length]
    if not part.isascii():
        part = part.encode("utf-16-le")[: 2 * length].decode("utf-16-le", "ignore")
    if units(part.encode()) != length:
        raise MalformedError("a packet is shorter than its length says")
    return part


def parse_packet(text: str) -> Packet:
    """Parse one packet.

    Raises:
        MalformedError: the text is no packet.
    """
    match = _packet.fullmatch(text)
    if match is None:
        raise MalformedError("a packet must be type:id:endpoint[:data], with a type from 0 to 8")
    return Packet(match[1], match[3] or "")
