"""A source file as definitions, and the numbers of its lines of code."""

from __future__ import annotations

__pure__ = True

from collections.abc import Iterator, Sequence

import msgspec
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Punctuation, String, Whitespace, _TokenType

BODY = "(body)"
"""The name of what a file does when it is loaded, besides its definitions."""

NO_CODE = (Whitespace, Comment, String.Doc, Punctuation)
"""A line with nothing else is no line of code: formatters put `)` and `}` on their own lines."""


class Ref(msgspec.Struct, frozen=True, order=True):
    """A definition: its file, as a path below the project, and its name ("" for the file)."""

    path: str
    name: str


class Unit(msgspec.Struct, frozen=True):
    """A function, class or constant with its own lines of code, without those of inner units.

    `name`: with the names around it, as in `Server.handle.drop`.
    """

    name: str
    lines: int


class Definition(msgspec.Struct, frozen=True):
    """A top-level definition of a file: its units, and the definitions that it uses."""

    units: tuple[Unit, ...]
    uses: frozenset[Ref]

    def merged(self, other: Definition) -> Definition:
        """Merge two definitions of one name; a file's body comes in pieces, too."""
        by_name = {unit.name: unit.lines for unit in self.units}
        for unit in other.units:
            by_name[unit.name] = by_name.get(unit.name, 0) + unit.lines
        units = tuple(Unit(name, lines) for name, lines in by_name.items())
        return Definition(units, self.uses | other.uses)


class Module(msgspec.Struct, frozen=True):
    """A source file: name -> definition, in the order of the file.

    `aliases`: further names of a definition -> its first name, as of `b` in `a, b = 1, 2`.
    """

    path: str
    definitions: dict[str, Definition]
    aliases: dict[str, str]

    def resolve(self, name: str) -> str:
        """Return the first name of the definition that this name stands for."""
        return self.aliases.get(name, name)


def tokens(text: str, language: str) -> Iterator[tuple[int, _TokenType, str]]:
    """Yield each token of a source with the number of its first line, from 1."""
    lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    number = 1
    for kind, value in lexer.get_tokens(text):
        yield number, kind, value
        number += value.count("\n")


def code_lines(text: str, language: str) -> frozenset[int]:
    """Return the numbers of the lines that hold code, from 1.

    Blank lines, comments, docstrings and lines of brackets and commas do not count.
    """
    found: set[int] = set()
    for number, kind, value in tokens(text, language):
        if not any(kind in group for group in NO_CODE):
            parts = enumerate(value.split("\n"), number)
            found.update(line for line, part in parts if part.strip())
    return frozenset(found)


def gathered(path: str, found: Iterator[tuple[Sequence[str], Definition]]) -> Module:
    """Build the module of these definitions; merge those with one first name."""
    definitions: dict[str, Definition] = {}
    aliases: dict[str, str] = {}
    for (name, *others), definition in found:
        earlier = definitions.get(name)
        definitions[name] = earlier.merged(definition) if earlier else definition
        aliases |= dict.fromkeys(others, name)
    return Module(path, definitions, aliases)
