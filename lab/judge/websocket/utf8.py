"""Text that is UTF-8, and text that is not (RFC 6455 section 8.1, RFC 3629)."""

from __future__ import annotations

from lab.decode.rfc6455 import CONTINUATION, TEXT
from lab.judge.websocket.build import frame, header
from lab.judge.websocket.fragments import fragments, split
from lab.judge.websocket.rows import answers, echoes, fails, fails_at_once

VALID = "websocket/UTF-8"
INVALID = "websocket/no UTF-8"
AT_ONCE = "websocket/no UTF-8, at once"

TEXTS = {
    "two bytes": "é",
    "the last of two bytes": "\u07ff",
    "three bytes": "한글",
    "the first of three bytes": "\u0800",
    "before the surrogates": "\ud7ff",
    "behind the surrogates": "\ue000",
    "a byte order mark": "\ufeff",
    "no characters": "\ufdd0\ufffe\uffff",
    "the replacement character": "\ufffd",
    "four bytes": "𒀀👋",
    "the first of four bytes": "\U00010000",
    "the last of all": "\U0010ffff",
    "a line separator": "\u2028\u2029",
}
BROKEN = {
    "bytes that UTF-8 never has": b"\xff\xfe",
    "a continuation byte alone": b"\x80",
    "two continuation bytes": b"hi\xbf\x80",
    "a first byte alone": b"\xc3 hello",
    "half a character at the end": b"\xe2\x82",
    "a character of four bytes without its last": b"\xf0\x9f\x91",
    "two bytes for NUL": b"\xc0\x80",
    "two bytes for a slash": b"\xc0\xaf",
    "two bytes for DEL": b"\xc1\xbf",
    "three bytes for what takes two": b"\xe0\x9f\xbf",
    "four bytes for what takes three": b"\xf0\x8f\xbf\xbf",
    "a high surrogate": b"\xed\xa0\x80",
    "a low surrogate": b"\xed\xbf\xbf",
    "a pair of surrogates": b"\xed\xa0\xbd\xed\xb8\x80",
    "beyond U+10FFFF": b"\xf4\x90\x80\x80",
    "a first byte of F5": b"\xf5\x80\x80\x80",
    "five bytes": b"\xf8\x88\x80\x80\x80",
    "six bytes": b"\xfc\x84\x80\x80\x80\x80",
    "Latin-1": "café".encode("latin-1"),
}
EURO = "€".encode()


def through_the_character(message: bytes) -> bytes:
    """Fragments whose borders lie within the first character that is not ASCII."""
    at = next(index for index, byte in enumerate(message) if byte >= 0x80)
    return fragments(split(message, at + 1, at + 2))


CASES = (
    *(answers(VALID, name, "8.1", text=text.encode()) for name, text in TEXTS.items()),
    echoes(VALID, "NUL and control characters", "8.1", bytes(range(32)) + b"\x7f"),
    answers(VALID, "a character in three fragments", "8.1", through_the_character, text=EURO),
    answers(
        VALID,
        "a character of four bytes in fragments",
        "8.1",
        through_the_character,
        text="👋".encode(),
    ),
    *(fails(INVALID, name, "8.1", frame(TEXT, text), 1007) for name, text in BROKEN.items()),
    fails(
        INVALID,
        "half a character in each of two messages",
        "8.1",
        frame(TEXT, EURO[:1]) + frame(TEXT, EURO[1:]),
        1007,
    ),
    fails(
        INVALID,
        "in the second fragment",
        "8.1",
        frame(TEXT, b"hello ", first=0) + frame(CONTINUATION, b"\xff"),
        1007,
    ),
    fails(
        INVALID,
        "a character whose second fragment is another",
        "8.1",
        frame(TEXT, EURO[:2], first=0) + frame(CONTINUATION, b"a"),
        1007,
    ),
    fails_at_once(
        AT_ONCE,
        "in the first fragment of two",
        "8.1",
        frame(TEXT, b"hello \xff", first=0),
        frame(CONTINUATION, b"bye"),
    ),
    fails_at_once(
        AT_ONCE,
        "in the second fragment of three",
        "8.1",
        frame(TEXT, b"hello ", first=0) + frame(CONTINUATION, b"\xc0\x80", first=0),
        frame(CONTINUATION, b"bye"),
    ),
    fails_at_once(
        AT_ONCE,
        "a surrogate that fragments part",
        "8.1",
        frame(TEXT, b"\xed", first=0) + frame(CONTINUATION, b"\xa0", first=0),
        frame(CONTINUATION, b"\x80"),
    ),
    fails_at_once(
        AT_ONCE,
        "within a frame",
        "8.1",
        header(TEXT, 20) + b"hello \xff\xfe",
        b"x" * 12,
        in_frame=True,
    ),
    fails_at_once(
        AT_ONCE,
        "beyond U+10FFFF within a frame",
        "8.1",
        header(TEXT, 12) + b"\xf4\x90",
        b"\x80\x80" + b"x" * 8,
        in_frame=True,
    ),
)
