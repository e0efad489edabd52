"""Lengths and masks (RFC 6455 sections 5.1, 5.2 and 5.3)."""

from __future__ import annotations

from lab.decode.rfc6455 import BINARY, CLOSE, CONTINUATION, PING, TEXT
from lab.judge.case import Case
from lab.judge.player import Player
from lab.judge.verdict import Finding, not_asked
from lab.judge.websocket.build import frame, sized
from lab.judge.websocket.expect import Fails
from lab.judge.websocket.fragments import fragments, split
from lab.judge.websocket.rows import answers, fails, sends

LENGTHS = "websocket/lengths"
MASKS = "websocket/masks"
MASK = b"\x9a\x3c\x51\xf7"
NO_LIMIT = "needs the largest message that the server takes: declare --frame-bytes"
TERABYTE = 1 << 40


def too_long(name: str, *, parts: int) -> Case:
    """A case that sends one byte more than the server takes, in this many fragments."""

    async def play(player: Player) -> Finding:
        most = player.site.frame_bytes
        if most is None:
            return not_asked(NO_LIMIT)
        text = b"x" * (most + 1)
        sent = frame(TEXT, text) if parts < 2 else fragments(split(text, most // 2))
        async with player.upgraded() as connection:
            connection.send(sent)
            return await player.find(connection, Fails(1009), probe=True)

    return Case(LENGTHS, name, "RFC 6455 7.4.1", play)


CASES = (
    *(
        answers(LENGTHS, f"a text of {size} bytes", "5.2", size=size)
        for size in (0, 1, 125, 126, 127, 128, 65_535, 65_536)
    ),
    *(
        answers(
            LENGTHS,
            f"a binary of {size} bytes",
            "5.2",
            lambda m: frame(BINARY, m),
            size=size,
            opcode=BINARY,
        )
        for size in (0, 125, 126, 65_536)
    ),
    *(
        sends(
            LENGTHS,
            f"a length of {size} in {bits} bits",
            "5.2",
            sized(opcode, size, bits, first=first) + b"x" * size,
            Fails(1002, lenient=True),
        )
        for opcode, first, size, bits in (
            (PING, 0x80, 5, 16),
            (PING, 0x80, 5, 64),
            (TEXT, 0, 200, 64),
        )
    ),
    sends(
        LENGTHS,
        "a length with its highest bit",
        "5.2",
        sized(TEXT, 1 << 63, 64) + b"x",
        Fails(1002, (1009,)),
    ),
    sends(
        LENGTHS,
        "all bits of a length",
        "5.2",
        sized(BINARY, (1 << 64) - 1, 64) + b"x",
        Fails(1002, (1009, 1003)),
    ),
    sends(
        LENGTHS,
        "a text that claims a terabyte",
        "7.4.1",
        sized(TEXT, TERABYTE, 64) + b"x",
        Fails(1009, lenient=True),
    ),
    too_long("a text that is too long", parts=1),
    too_long("a text that is too long in two fragments", parts=2),
    answers(MASKS, "a text with a mask", "5.3", lambda m: frame(TEXT, m, mask=MASK)),
    answers(MASKS, "a mask of ones", "5.3", lambda m: frame(TEXT, m, mask=b"\xff" * 4)),
    answers(
        MASKS, "a long text with a mask", "5.3", lambda m: frame(TEXT, m, mask=MASK), size=1021
    ),
    answers(
        MASKS,
        "another mask for each fragment",
        "5.3",
        lambda m: (
            frame(TEXT, m[:3], first=0, mask=MASK) + frame(CONTINUATION, m[3:], mask=MASK[::-1])
        ),
    ),
    *(
        fails(MASKS, name, "5.1", sent)
        for name, sent in {
            "a text without a mask": frame(TEXT, b"hello", masked=False),
            "an empty text without a mask": frame(TEXT, masked=False),
            "a binary without a mask": frame(BINARY, b"hello", masked=False),
            "a ping without a mask": frame(PING, b"hello", masked=False),
            "a close without a mask": frame(CLOSE, b"\x03\xe8", masked=False),
        }.items()
    ),
)
