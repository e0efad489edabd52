"""Control frames (RFC 6455 section 5.5): pings and pongs, and what a control frame must not be."""

from __future__ import annotations

import asyncio

from lab.decode.rfc6455 import CLOSE, CONTINUATION, PING, PONG, TEXT
from lab.judge.case import Case
from lab.judge.player import Player
from lab.judge.verdict import Finding
from lab.judge.websocket.build import frame
from lab.judge.websocket.expect import PROBE, Pongs
from lab.judge.websocket.rows import answers, fails, sends, stays_open

PINGS = "websocket/pings"
CONTROL = "websocket/control frames"
SEVERAL = tuple(b"ping %d" % number for number in range(10))


def half(message: bytes, between: bytes) -> bytes:
    """A message in two fragments, with something between them."""
    middle = len(message) // 2
    first = frame(TEXT, message[:middle], first=0)
    return first + between + frame(CONTINUATION, message[middle:])


async def _byte_by_byte(player: Player) -> Finding:
    async with player.upgraded() as connection:
        for byte in frame(PING, b"hello"):
            connection.send(bytes([byte]))
            await asyncio.sleep(0)
        return await player.find(connection, Pongs((b"hello",)))


CASES = (
    Case(PINGS, "a ping in pieces of one byte", "RFC 6455 5.5.2", _byte_by_byte),
    *(
        sends(PINGS, name, "5.5.2", frame(PING, payload), Pongs((payload,)))
        for name, payload in {
            "a ping without a payload": b"",
            "a ping with a text": b"hello",
            "a ping that is no UTF-8": bytes([0, 0xFF, 0xFE, 0x80, 0x7F]),
            "a ping of 125 bytes": b"x" * 125,
        }.items()
    ),
    sends(
        PINGS,
        "ten pings at once",
        "5.5.3",
        b"".join(frame(PING, p) for p in SEVERAL),
        Pongs(SEVERAL),
    ),
    stays_open(PINGS, "a pong that answers nothing", "5.5.3", frame(PONG)),
    stays_open(PINGS, "a pong with a payload that answers nothing", "5.5.3", frame(PONG, b"hello")),
    sends(
        PINGS,
        "a ping between two fragments",
        "5.4",
        frame(TEXT, b"a", first=0) + frame(PING, PROBE),
        Pongs((PROBE,)),
    ),
    answers(PINGS, "a message around a ping", "5.4", lambda m: half(m, frame(PING, b"between"))),
    answers(PINGS, "a message around a pong", "5.4", lambda m: half(m, frame(PONG, b"between"))),
    sends(
        PINGS,
        "a ping with a mask",
        "5.3",
        frame(PING, b"hello", mask=b"\x9a\x3c\x51\xf7"),
        Pongs((b"hello",)),
    ),
    *(
        fails(CONTROL, f"a {name} of 126 bytes", "5.5", frame(opcode, payload))
        for name, opcode, payload in (
            ("ping", PING, b"x" * 126),
            ("pong", PONG, b"x" * 126),
            ("close", CLOSE, b"\x03\xe8" + b"x" * 124),
        )
    ),
    *(
        fails(CONTROL, f"a {name} in fragments", "5.5", frame(opcode, b"", first=0))
        for name, opcode in (("ping", PING), ("pong", PONG), ("close", CLOSE))
    ),
    fails(
        CONTROL,
        "a ping in fragments inside a message",
        "5.4",
        frame(TEXT, b"a", first=0) + frame(PING, b"b", first=0) + frame(CONTINUATION, b"c"),
    ),
)
