"""Read by `lab code`: a source file as definitions, and which of its lines are code. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Punctuation, String, Whitespace, _TokenType

BODY = "(body)"
"""The name of what a file does when it is loaded, beside defining things."""

NO_CODE = (Whitespace, Comment, String.Doc, Punctuation)
"""A line of nothing else is no line of code: `)` and `}` stand where a formatter puts them."""


class Ref(msgspec.Struct, frozen=True, order=True):
    """A definition by its file, as a path below the project, and its name; "" is the file alone."""

    path: str
    name: str


class Unit(msgspec.Struct, frozen=True):
    """A function, class or constant with its own lines of code, those of inner units left out.

    `name`: with the names around it, as in `Server.handle.drop`.
    """

    name: str
    lines: int


class Definition(msgspec.Struct, frozen=True):
    """What a file defines at its top level: its units, and what it uses of its own and others."""

    units: tuple[Unit, ...]
    uses: frozenset[Ref]

    def merged(self, other: Definition) -> Definition:
        """Both as one: a name may be given twice, and a body is never in one piece."""
        by_name = {unit.name: unit.lines for unit in self.units}
        for unit in other.units:
            by_name[unit.name] = by_name.get(unit.name, 0) + unit.lines
        units = tuple(Unit(name, lines) for name, lines in by_name.items())
        return Definition(units, self.uses | other.uses)


class Module(msgspec.Struct, frozen=True):
    """One source file: name -> definition, in the order of the file.

    `aliases`: further names of a definition -> its first, as of `b` in `a, b = 1, 2`.
    """

    path: str
    definitions: dict[str, Definition]
    aliases: dict[str, str]

    def resolve(self, name: str) -> str:
        """The name under which the definition of this name stands."""
        return self.aliases.get(name, name)


def tokens(text: str, language: str) -> Iterator[tuple[int, _TokenType, str]]:
    """Each token of a source with the number of the line that it begins on, from 1."""
    lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    number = 1
    for kind, value in lexer.get_tokens(text):
        yield number, kind, value
        number += value.count("\n")


def code_lines(text: str, language: str) -> frozenset[int]:
    """The numbers of the lines that hold code, from 1.

    Blank lines, comments, docstrings and lines of brackets and commas alone are none.
    """
    found: set[int] = set()
    for number, kind, value in tokens(text, language):
        if not any(kind in group for group in NO_CODE):
            parts = enumerate(value.split("\n"), number)
            found.update(line for line, part in parts if part.strip())
    return frozenset(found)


def gathered(path: str, found: Iterator[tuple[Sequence[str], Definition]]) -> Module:
    """The module of these definitions, each with its names; those of one first name are merged."""
    definitions: dict[str, Definition] = {}
    aliases: dict[str, str] = {}
    for (name, *others), definition in found:
        earlier = definitions.get(name)
        definitions[name] = earlier.merged(definition) if earlier else definition
        aliases |= dict.fromkeys(others, name)
    return Module(path, definitions, aliases)
