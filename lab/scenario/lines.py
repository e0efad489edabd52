"""On which line of a TOML file each key stands. `tomllib` does not keep that."""

from __future__ import annotations

__pure__ = True

import re
from collections.abc import Iterator

Place = tuple[str | int, ...]
"""Where a value stands: keys, and numbers of an array's elements."""

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\]#]+?)\s*\]\]?\s*(?:#.*)?$")
_NAME = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
_KEY = re.compile(rf"\s*({_NAME}(?:\s*\.\s*{_NAME})*)\s*=(.*)")
_PART = re.compile(_NAME)
_STRING = re.compile(r'"(?:\\.|[^"\\])*"|\'[^\']*\'|#.*')


class Lines:
    """The lines of a file's keys, counted from 1. The file must be valid TOML."""

    def __init__(self, source: str) -> None:
        self._found: dict[Place, int] = {}
        self._arrays: dict[Place, int] = {}
        at: Place = ()
        for number, line in _statements(source):
            if header := _HEADER.match(line):
                at = self._table(header[2], is_array=header[1] == "[[")
                self._found.setdefault(at, number)
            elif key := _KEY.match(line):
                self._note(at, _parts(key[1]), number)

    def of(self, place: Place) -> int | None:
        """The line of this key, or of the nearest table around it; None: of no table."""
        for end in range(len(place), 0, -1):
            if place[:end] in self._found:
                return self._found[place[:end]]
        return None

    def _table(self, name: str, *, is_array: bool) -> Place:
        parts = _parts(name)
        at: Place = ()
        for part in parts[:-1]:
            at = self._inside((*at, part))
        at = (*at, parts[-1])
        if not is_array:
            return at
        self._arrays[at] = self._arrays.get(at, -1) + 1
        return self._inside(at)

    def _inside(self, at: Place) -> Place:
        """The newest element, where this is an array of tables."""
        return (*at, self._arrays[at]) if at in self._arrays else at

    def _note(self, at: Place, parts: list[str], number: int) -> None:
        for part in parts:
            at = (*at, part)
            self._found.setdefault(at, number)


def _parts(name: str) -> list[str]:
    return [part.strip("\"'") for part in _PART.findall(name)]


def _statements(source: str) -> Iterator[tuple[int, str]]:
    """The lines that begin a statement: none inside a long text or inside a bracket."""
    depth, quotes = 0, ""
    for number, line in enumerate(source.splitlines(), 1):
        if not depth and not quotes:
            yield number, line
            if _HEADER.match(line):
                continue
            key = _KEY.match(line)
            depth, quotes = _open_after(key[2] if key else "", depth, quotes)
        else:
            depth, quotes = _open_after(line, depth, quotes)


def _open_after(line: str, depth: int, quotes: str) -> tuple[int, str]:
    """How many brackets, and which long quotes, are open at the end of the line."""
    if quotes:
        _, closed, line = line.partition(quotes)
        if not closed:
            return depth, quotes
    for mark in ('"""', "'''"):
        before, opened, after = line.partition(mark)
        if opened and "#" not in _STRING.sub("", before):
            depth, _ = _open_after(before, depth, "")
            return _open_after(after, depth, mark)
    line = _STRING.sub("", line)
    return depth + sum(line.count(each) for each in "[{") - sum(map(line.count, "]}")), ""
