r"""Read text that is escaped on the wire, as in JavaScript strings and forms.

Each character of the text keeps as many bytes on the wire as it has in UTF-8: the last bytes of its
escape. What the escape takes beyond them is framing. So `\"` is one byte of framing and one of
text, and `\u2028` three of each.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any, NamedTuple

from lab.decode.tree import Label, Layer, Segment
from lab.decode.view import View

LITERAL = rb'"[^"\\]*(?:\\.[^"\\]*)*"'
"""A string literal, as a regular expression."""

_pair = rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_in_string = re.compile(_pair + rb'|\\u[0-9a-fA-F]{4}|\\["\\/bfnrt]')
_in_form = re.compile(rb"%[0-9a-fA-F]{2}")
_SHORT = dict(zip(rb'"\/bfnrt', b'"\\/\b\f\n\r\t', strict=True))


class Escape(NamedTuple):
    """Before byte `at` of the text stand `extra` bytes on the wire that carry none of it."""

    at: int
    extra: int


@dataclass(frozen=True, kw_only=True)
class Unescaped(View):
    """A view of text that `carrier` carries from `begin` on, with `escapes` taken off, in order."""

    carrier: View
    begin: int
    escapes: tuple[Escape, ...]

    def place(self, start: int, end: int) -> dict[str, Any]:
        """See `View`. Where a character is escaped, it begins with its escape."""
        return self.carrier.place(self._carried(start), self._carried(end))

    def own(self, start: int, end: int, label: Label, layer: Layer) -> tuple[Segment, ...]:
        """See `View`. The escapes among it are framing, whatever the text is."""
        segments: list[Segment] = []
        at = self._carried(start)
        for index in range(self._before(start), self._before(end)):
            escape = self.escapes[index]
            plain = self.begin + escape.at + self._extras[index]
            segments += self.carrier.own(at, plain, label, layer)
            at = plain + escape.extra
            segments += self.carrier.own(plain, at, "framing", "escape")
        return (*segments, *self.carrier.own(at, self._carried(end), label, layer))

    @cached_property
    def _places(self) -> list[int]:
        return [escape.at for escape in self.escapes]

    @cached_property
    def _extras(self) -> list[int]:
        """How many bytes all escapes before the nth take."""
        return list(accumulate((escape.extra for escape in self.escapes), initial=0))

    def _before(self, offset: int) -> int:
        """How many escapes stand before those of byte `offset`."""
        return bisect_left(self._places, offset)

    def _carried(self, offset: int) -> int:
        """Where in the carrier the byte at `offset` begins, with its escape."""
        return self.begin + offset + self._extras[self._before(offset)]


def string_literal(view: View, start: int, end: int) -> View | None:
    """What the JavaScript string literal from `start` to `end`, quotes and all, says.

    None where it has other escapes than JSON knows (RFC 8259 section 7).
    """
    begin, inside = start + 1, view.text[start + 1 : end - 1]
    found = list(_in_string.finditer(inside))
    if inside.count(b"\\") != sum(match[0].count(b"\\") for match in found):
        return None
    return _unescaped(view, begin, inside, [(match, _character(match[0])) for match in found])


def form_value(view: View, start: int, end: int) -> View:
    """The value of a form's field without its escapes (WHATWG URL, section 5)."""
    raw = view.text[start:end].replace(b"+", b" ")
    found = [(match, bytes.fromhex(match[0][1:].decode())) for match in _in_form.finditer(raw)]
    return _unescaped(view, start, raw, found)


def _unescaped(
    view: View, begin: int, raw: bytes, found: list[tuple[re.Match[bytes], bytes]]
) -> Unescaped:
    """`raw`, carried by `view` from `begin` on, with each match replaced by what it stands for."""
    parts: list[bytes] = []
    escapes: list[Escape] = []
    size = at = 0
    for match, character in found:
        parts += (raw[at : match.start()], character)
        size += match.start() - at
        escapes.append(Escape(size, len(match[0]) - len(character)))
        size += len(character)
        at = match.end()
    text = b"".join((*parts, raw[at:]))
    return Unescaped(
        view.stream,
        view.spans,
        text,
        view.exact,
        carrier=view,
        begin=begin,
        escapes=tuple(escapes),
    )


def _character(escape: bytes) -> bytes:
    """What an escape stands for, in UTF-8; half a surrogate pair stays half of one."""
    if escape[1:2] != b"u":
        return bytes([_SHORT[escape[1]]])
    units = bytes.fromhex(escape.replace(b"\\u", b"").decode())
    return units.decode("utf-16-be", "surrogatepass").encode("utf-8", "surrogatepass")
