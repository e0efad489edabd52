"""Write a payload as a JavaScript string literal, for the fallbacks that send scripts. Pure.

A JSON string is a JavaScript string, except for U+2028 and U+2029, which end a line in scripts
before ES2019. `<`, `>` and `&` are escaped too, so that no text can end its script element.
"""

from __future__ import annotations

__pure__ = True

from functools import lru_cache

import msgspec

from transports._fallback.packets import MalformedError

GROWTH = 6
"""The most bytes that one byte of a payload can become: `<` becomes `\\u003c`."""

_ESCAPED = {"<": b"\\u003c", ">": b"\\u003e", "&": b"\\u0026"} | {
    "\u2028": b"\\u2028",
    "\u2029": b"\\u2029",
}
_decoder = msgspec.json.Decoder(str)


@lru_cache(maxsize=1)
def literal(payload: bytes) -> bytes:
    """The string literal of this UTF-8 text, with its quotes."""
    written = msgspec.json.encode(payload.decode())
    for character, escape in _ESCAPED.items():
        written = written.replace(character.encode(), escape)
    return written


def read_literal(written: bytes) -> bytes:
    """The UTF-8 text of a string literal.

    Raises:
        MalformedError: this is no string literal in JSON's form.
    """
    try:
        return _decoder.decode(written).encode()
    except (msgspec.DecodeError, UnicodeError):
        raise MalformedError("a payload must be a JSON string") from None
