"""Which names can be shown: every character is visible, or changes how another one looks.

The table is of one fixed version of Unicode, whatever version the interpreter has. So a server in
another language refuses the same names. `tools/characters.py` makes the table.
"""

from __future__ import annotations

import pkgutil
from bisect import bisect_right
from collections.abc import Iterable
from itertools import chain

import msgspec


class _Table(msgspec.Struct):
    """`refused`, `selectors`: ranges of code points (first, last), in rising order."""

    unicode: str
    refused: list[tuple[int, int]]
    selectors: list[tuple[int, int]]


def _read() -> _Table:
    data = pkgutil.get_data(__name__, "names.json")
    assert data is not None
    return msgspec.json.decode(data, type=_Table)


class _Ranges:
    """A set of code points."""

    def __init__(self, ranges: Iterable[tuple[int, int]]) -> None:
        # All bounds in order. A code point is in a range if an odd number of bounds is at or below
        # it.
        self._bounds = list(chain.from_iterable((first, last + 1) for first, last in ranges))

    def __contains__(self, char: str) -> bool:
        return bisect_right(self._bounds, ord(char)) % 2 == 1


_TABLE = _read()
_REFUSED = _Ranges(_TABLE.refused)
_SELECTORS = _Ranges(_TABLE.selectors)


def is_shown(name: str) -> bool:
    """Whether a name is one readable line, without spaces around it.

    Variation selectors are invisible by themselves, so a name needs another character as well.
    """
    if name.startswith(" ") or name.endswith(" ") or any(char in _REFUSED for char in name):
        return False
    return any(char != " " and char not in _SELECTORS for char in name)
