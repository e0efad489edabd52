"""Splits a JavaScript module into definitions.

Pygments tells code from strings, comments and regular expressions. Brackets and indentation show
where a definition begins. This suffices for formatted sources: a top-level statement begins in the
first column, and the members of a class have one indentation.
"""

from __future__ import annotations

__pure__ = True

from collections.abc import Collection, Iterator, Sequence
from itertools import islice, pairwise, takewhile
from posixpath import dirname, join, normpath

import msgspec
from pygments.token import Comment, Keyword, Name, Operator, Punctuation, String, Whitespace
from pygments.token import _TokenType as Kind

from lab.code.module import BODY, Definition, Module, Ref, Unit, code_lines, gathered, tokens

OPENING, CLOSING = frozenset("([{"), frozenset(")]}")
DECLARING = ("function", "class", "const", "let", "var")
BEFORE = ("export", "default", "async")
END_OF_NAME = frozenset("(={;")


class _Token(msgspec.Struct, frozen=True):
    kind: Kind
    text: str

    @property
    def names(self) -> bool:
        """Whether it is a word that may be a name; `constructor` and `get` are keywords."""
        return self.kind in Name or self.kind in Keyword


class _Line(msgspec.Struct, frozen=True):
    """A line that begins with a token, with its bracket depth and indentation."""

    number: int
    depth: int
    indent: int
    tokens: list[_Token]

    def begins(self, depth: int, indent: int) -> bool:
        """Whether a statement or a member can begin here."""
        first = self.tokens[0]
        word = first.names or first.kind in Operator
        return word and self.depth == depth and self.indent == indent


def read(path: str, text: str, known: Collection[str]) -> Module:
    """Return the definitions of a module; `known`: the files that it may refer to."""
    return gathered(path, _definitions(path, text, known))


def _definitions(
    path: str, text: str, known: Collection[str]
) -> Iterator[tuple[Sequence[str], Definition]]:
    code = code_lines(text, "javascript")
    statements = list(_split(list(_lines(text)), 0, 0))
    defining = [(_declared(it) or [BODY], it) for it in statements if not _imports_only(it)]
    local = {name: Ref(path, name) for names, _ in defining for name in names}
    for it in statements:
        if _imports_only(it):
            local |= dict(_imported(path, _flat(it), known))
    for names, it in defining:
        uses = frozenset(_uses(_flat(it), local)) - {Ref(path, name) for name in names}
        yield names, Definition(tuple(_units(it, names[0], code)), uses)


def _lines(text: str) -> Iterator[_Line]:
    """Yield the lines that hold more than comments."""
    sources = text.split("\n")
    line: _Line | None = None
    depth = 0
    for number, kind, value in tokens(text, "javascript"):
        if kind in Whitespace or kind in Comment or not value.strip():
            continue
        if line is None or line.number != number:
            if line is not None:
                yield line
            indent = len(sources[number - 1]) - len(sources[number - 1].lstrip())
            line = _Line(number, depth, indent, [])
        line.tokens.append(_Token(kind, value))
        if kind in Punctuation:
            depth += sum((char in OPENING) - (char in CLOSING) for char in value)
    if line is not None:
        yield line


def _split(lines: Sequence[_Line], depth: int, indent: int) -> Iterator[list[_Line]]:
    """Split the lines into groups that each begin a statement of this depth."""
    starts = [i for i, line in enumerate(lines) if line.begins(depth, indent)]
    for start, end in pairwise([*starts, len(lines)]):
        yield list(lines[start:end])


def _flat(lines: Sequence[_Line]) -> list[_Token]:
    return [token for line in lines for token in line.tokens]


def _imports_only(statement: Sequence[_Line]) -> bool:
    """Return whether it is an import or a list of exports, which defines and uses nothing."""
    first, *rest = [token.text for token in statement[0].tokens[:2]]
    return [first, *rest] == ["export", "{"] or (first == "import" and rest not in (["("], ["."]))


def _declared(statement: Sequence[_Line]) -> list[str]:
    """Return the names that a statement defines: `const { a, b } = ...` defines two."""
    words = [token for token in _flat(statement) if token.text not in BEFORE]
    if not words or words[0].text not in DECLARING:
        return []
    names = (token.text for token in words[1:] if token.names)
    if words[0].text in {"function", "class"}:
        return list(islice(names, 1))
    targets = takewhile(lambda token: token.text != "=", words[1:])
    return [token.text for token in targets if token.names]


def _units(statement: Sequence[_Line], name: str, code: frozenset[int]) -> Iterator[Unit]:
    """Yield the statement as a unit, and the members of a class after it."""
    first, last = statement[0].number, statement[-1].number
    members = list(_members(statement))
    inside = {line.number for member in members for line in member}
    own = {number for number in code if first <= number <= last and number not in inside}
    yield Unit(name, len(own))
    for member in members:
        begin, end = member[0].number, member[-1].number
        lines = sum(begin <= number <= end for number in code)
        yield Unit(f"{name}.{_member_name(member)}", lines)


def _members(statement: Sequence[_Line]) -> Iterator[list[_Line]]:
    words = [token.text for token in _flat(statement[:1]) if token.text not in BEFORE]
    body = [line for line in statement[1:] if line.depth > statement[0].depth]
    if words[:1] != ["class"] or not body:
        return
    yield from _split(body, statement[0].depth + 1, body[0].indent)


def _member_name(member: Sequence[_Line]) -> str:
    """Return the word before the parameters or the value: `static async open(url)` is `open`."""
    name = ""
    for token in _flat(member):
        if token.text in END_OF_NAME:
            break
        name = token.text if token.names else name
    return name


def _imported(
    path: str, words: Sequence[_Token], known: Collection[str]
) -> Iterator[tuple[str, Ref]]:
    """Yield local name -> what it stands for, of one import from the project."""
    source = next((token.text.strip("'\"") for token in words if token.kind in String), "")
    target = normpath(join(dirname(path), source))
    if not source.startswith(".") or target not in known:
        return
    # `a as b` is a there and b here; `* as b` is the whole module.
    names = [t.text for t in words[1:] if t.names or t.text == "*"]
    named = names[: names.index("from")] if "from" in names else []
    while named:
        there = here = named.pop(0)
        if named[:1] == ["as"]:
            here = named[1]
            del named[:2]
        yield here, Ref(target, "" if there == "*" else there)


def _uses(words: Sequence[_Token], local: dict[str, Ref]) -> Iterator[Ref]:
    for i, token in enumerate(words):
        if not token.names or (i and words[i - 1].text == "."):
            continue
        ref = local.get(token.text)
        if ref is not None:
            of_module = not ref.name and [t.text for t in words[i + 1 : i + 2]] == ["."]
            yield Ref(ref.path, words[i + 2].text) if of_module else ref
