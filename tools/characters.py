"""Beside the documents: writes lab/chat/names.json, the characters that a name can't have.

`python tools/characters.py` needs an interpreter whose Unicode is that of the table (14.0: Python
3.11). The table stays as it is when interpreters go on: a name that one server lets in and another
refuses would be worse than an old table.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

TABLE = Path(__file__).resolve().parent.parent / "lab" / "chat" / "names.json"
VERSION = "14.0.0"

REFUSED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})
"""Categories (Unicode, 4.5): controls, formats, surrogates, private, unassigned, separators."""

BLANK = (
    0x034F,  # combining grapheme joiner
    *(0x115F, 0x1160, 0x3164, 0xFFA0),  # the fillers of Hangul
    *(0x17B4, 0x17B5),  # the inherent vowels of Khmer
    0x2800,  # the Braille pattern without a dot
    0x16FE4,  # the filler of Khitan small script
    0x1D159,  # the null notehead
)
"""Letters, marks and symbols that draw nothing."""

SELECTORS = (
    *range(0x180B, 0x180E),  # free variation selectors of Mongolian
    0x180F,
    *range(0xFE00, 0xFE10),  # variation selectors: of an emoji, the last of them
    *range(0xE0100, 0xE01F0),  # variation selectors of ideographs
)
"""They choose how the character before them is drawn, and draw nothing themselves."""


def is_refused(code_point: int) -> bool:
    """Whether no name has this character."""
    if code_point == ord(" "):
        return False
    return code_point in BLANK or unicodedata.category(chr(code_point)) in REFUSED


def table() -> str:
    """The file: two lists of ranges, first and last code point, a range a line.

    Raises:
        RuntimeError: this interpreter knows another version of Unicode.
    """
    if unicodedata.unidata_version != VERSION:
        raise RuntimeError(f"needs Unicode {VERSION}, not {unicodedata.unidata_version}")
    refused = filter(is_refused, range(sys.maxunicode + 1))
    return (
        f'{{\n"unicode": "{VERSION}",\n"refused": [\n{_lines(refused)}\n],\n'
        f'"selectors": [\n{_lines(SELECTORS)}\n]\n}}\n'
    )


def _lines(code_points: Iterable[int]) -> str:
    return ",\n".join(f"[{first}, {last}]" for first, last in ranges(code_points))


def ranges(code_points: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Rising numbers as ranges, first and last."""
    first = last = None
    for code_point in code_points:
        if last is not None and code_point == last + 1:
            last = code_point
            continue
        if first is not None and last is not None:
            yield first, last
        first = last = code_point
    if first is not None and last is not None:
        yield first, last


if __name__ == "__main__":
    TABLE.write_text(table(), encoding="utf-8")
    print(TABLE)
