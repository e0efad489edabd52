"""Reserved bits and opcodes (RFC 6455 section 5.2), where no extension gives them a meaning."""

from __future__ import annotations

from lab.decode.rfc6455 import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT
from lab.judge.websocket.build import frame
from lab.judge.websocket.rows import fails

GROUP = "websocket/reserved"
FIN = 0x80
BITS = {"RSV1": 0x40, "RSV2": 0x20, "RSV3": 0x10}
FRAMES = {"a binary": BINARY, "a ping": PING, "a pong": PONG, "a close": CLOSE}
OPCODES = (*range(3, 8), *range(11, 16))

CASES = (
    *(
        fails(GROUP, f"{name} on a text", "5.2", frame(TEXT, b"hello", first=FIN | bit))
        for name, bit in BITS.items()
    ),
    fails(GROUP, "all three bits on a text", "5.2", frame(TEXT, b"hello", first=0xF0)),
    *(
        fails(GROUP, f"{bit} on {name}", "5.2", frame(opcode, b"", first=FIN | BITS[bit]))
        for (name, opcode), bit in zip(
            FRAMES.items(), ("RSV2", "RSV1", "RSV2", "RSV3"), strict=True
        )
    ),
    fails(
        GROUP,
        "RSV1 on a continuation",
        "5.2",
        frame(TEXT, b"a", first=0) + frame(CONTINUATION, b"b", first=FIN | BITS["RSV1"]),
    ),
    *(fails(GROUP, f"opcode {opcode}", "5.2", frame(opcode, b"hello")) for opcode in OPCODES),
    fails(GROUP, "opcode 3 without a payload", "5.2", frame(3)),
    fails(GROUP, "opcode 11 without a payload", "5.2", frame(11)),
)
