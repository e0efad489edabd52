"""The terms of docs/glossary.toml, and the tables of the two glossaries made of them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec

from lab.bilingual import Language

PATH = Path(__file__).resolve().parent.parent / "docs" / "glossary.toml"
HEADS = {
    Language.ENGLISH: ("word", "meaning", "source"),
    Language.KOREAN: ("낱말", "영어", "뜻", "출처"),
}
SOURCES_KO = {"the lab": "이 실험실", "the same": "위와 같음"}


class Term(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A term in both languages. A word in backquotes is code.

    `source_ko`: only where the source has an English sentence. `link`: pages link the term; False
    for a word that they also use in its everyday sense.
    """

    words: tuple[str, ...]
    korean: tuple[str, ...]
    meaning: str
    meaning_ko: str
    source: str
    source_ko: str = ""
    link: bool = True

    @property
    def anchor(self) -> str:
        """The id of its row in both glossaries. Sphinx knows an id once, so no page may have it."""
        return "word-" + re.sub(r"[^a-z0-9]+", "-", self.words[0].lower()).strip("-")

    def names(self, language: Language) -> tuple[str, ...]:
        """Its words in a language."""
        return self.words if language is Language.ENGLISH else self.korean

    def explained(self, language: Language) -> str:
        """Its meaning in a language, in Markdown."""
        return self.meaning if language is Language.ENGLISH else self.meaning_ko


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Terms of one subject."""

    title: str
    korean: str
    intro: str
    intro_ko: str
    terms: tuple[Term, ...]


class Glossary(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    sections: tuple[Section, ...]


@cache
def sections() -> tuple[Section, ...]:
    """Read the file; raises msgspec.ValidationError where it has another form."""
    found = tomllib.loads(PATH.read_text(encoding="utf-8"))
    return msgspec.convert(found, type=Glossary).sections


def terms() -> Iterator[Term]:
    """Every term."""
    for section in sections():
        yield from section.terms


def tables(language: Language) -> str:
    """A section and a table for each subject."""
    return "\n".join(line for section in sections() for line in _section(section, language))


def _section(section: Section, language: Language) -> Iterator[str]:
    english = language is Language.ENGLISH
    yield f"## {section.title if english else section.korean}\n"
    if intro := section.intro if english else section.intro_ko:
        yield f"{intro}\n"
    heads = HEADS[language]
    yield f"| {' | '.join(heads)} |"
    yield "|---" * len(heads) + "|"
    for term in section.terms:
        yield f"| {' | '.join(_english(term) if english else _korean(term))} |"
    yield ""


def _english(term: Term) -> tuple[str, ...]:
    return f'<a id="{term.anchor}"></a>{_named(term.words)}', term.meaning, term.source


def _korean(term: Term) -> tuple[str, ...]:
    source = term.source_ko or term.source
    for said, korean in SOURCES_KO.items():
        source = source.replace(said, korean)
    named = f'<a id="{term.anchor}"></a>{_named(term.korean)}'
    return named, ", ".join(term.words), term.meaning_ko, source


def _named(words: tuple[str, ...]) -> str:
    return ", ".join(word if word.startswith("`") else f"**{word}**" for word in words)
