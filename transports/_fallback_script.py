"""Shared by the fallback wires that are scripts: a payload as a JavaScript string literal. Pure.

JSON's strings are JavaScript's but for U+2028 and U+2029, which end a line in scripts before
ES2019. `<`, `>` and `&` are escaped too, so that no text ends the script element it stands in.
"""

from __future__ import annotations

from functools import lru_cache

import msgspec

from transports._fallback_packets import MalformedError

GROWTH = 6
"""The most bytes that a byte of a payload can become: `<` is `\\u003c`."""

_ESCAPED = {"<": b"\\u003c", ">": b"\\u003e", "&": b"\\u0026"} | {
    "\u2028": b"\\u2028",
    "\u2029": b"\\u2029",
}
_decoder = msgspec.json.Decoder(str)


@lru_cache(maxsize=1)
def literal(payload: bytes) -> bytes:
    """The literal, quotes and all, that says this UTF-8 text."""
    written = msgspec.json.encode(payload.decode())
    for character, escape in _ESCAPED.items():
        written = written.replace(character.encode(), escape)
    return written


def read_literal(written: bytes) -> bytes:
    """The reverse.

    Raises:
        MalformedError: this is no string literal as JSON writes it.
    """
    try:
        return _decoder.decode(written).encode()
    except (msgspec.DecodeError, UnicodeError):
        raise MalformedError("a payload is a string literal as JSON writes it") from None
