"""Messages in fragments (RFC 6455 section 5.4)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from lab.decode.rfc6455 import BINARY, CONTINUATION, TEXT
from lab.judge.websocket.build import frame
from lab.judge.websocket.rows import answers, fails, then_fails

GROUP = "websocket/fragments"
MANY = 500


def fragments(parts: Iterable[bytes], opcode: int = TEXT) -> bytes:
    """Frames that carry these parts as one message."""
    first, *rest = parts
    *middle, last = rest
    frames = [frame(opcode, first, first=0)]
    frames += [frame(CONTINUATION, part, first=0) for part in middle]
    return b"".join([*frames, frame(CONTINUATION, last)])


def split(message: bytes, *at: int) -> list[bytes]:
    """A message in parts that end at these indices."""
    edges = (0, *at, len(message))
    return [message[start:end] for start, end in pairwise(edges)]


def each_byte(message: bytes) -> list[bytes]:
    """A message in parts of one byte."""
    return split(message, *range(1, len(message)))


CASES = (
    answers(GROUP, "a text in two fragments", "5.4", lambda m: fragments(split(m, 3))),
    answers(GROUP, "a text in three fragments", "5.4", lambda m: fragments(split(m, 2, 4))),
    answers(GROUP, "an empty first fragment", "5.4", lambda m: fragments([b"", m])),
    answers(GROUP, "an empty last fragment", "5.4", lambda m: fragments([m, b""])),
    answers(GROUP, "an empty fragment between", "5.4", lambda m: fragments([m[:2], b"", m[2:]])),
    answers(GROUP, "a fragment for each byte", "5.4", lambda m: fragments(each_byte(m))),
    answers(GROUP, f"{MANY} fragments", "5.4", lambda m: fragments(each_byte(m)), size=MANY),
    answers(
        GROUP,
        "a binary in two fragments",
        "5.4",
        lambda m: fragments(split(m, 3), BINARY),
        text=b"\x00\xff\x80hello",
        opcode=BINARY,
    ),
    answers(GROUP, "three empty fragments", "5.4", lambda _: fragments([b"", b"", b""]), size=0),
    *(
        fails(GROUP, name, "5.4", sent)
        for name, sent in {
            "a continuation of nothing": frame(CONTINUATION, b"hello"),
            "a continuation of nothing, to be continued": frame(CONTINUATION, b"hello", first=0),
            "an empty continuation of nothing": frame(CONTINUATION),
            "a text inside a text": frame(TEXT, b"a", first=0) + frame(TEXT, b"b"),
            "a binary inside a text": frame(TEXT, b"a", first=0) + frame(BINARY, b"b"),
            "a text that begins twice": frame(TEXT, b"a", first=0) + frame(TEXT, b"b", first=0),
        }.items()
    ),
    fails(
        GROUP,
        "a text inside a binary",
        "5.4",
        frame(BINARY, b"a", first=0) + frame(TEXT, b"b"),
        1002,
        1003,
    ),
    then_fails(
        GROUP, "a continuation of a message that is over", "5.4", frame(CONTINUATION, b"more")
    ),
)
