"""Texts in English and Korean, built from templates with the same figures in both."""

from __future__ import annotations

__pure__ = True

from collections.abc import Iterable
from enum import StrEnum

import msgspec


class Language(StrEnum):
    """A language in which the lab writes for learners."""

    ENGLISH = "en"
    KOREAN = "ko"


class Bilingual(msgspec.Struct, frozen=True):
    """A text, or a template with `{fields}`, in both languages.

    The Korean is for learners and has the polite form of the lab's page (-ㅂ니다).
    """

    english: str
    korean: str

    def of(self, language: Language) -> str:
        """Return the text of one language."""
        return self.korean if language is Language.KOREAN else self.english

    def fill(self, **values: object) -> Bilingual:
        """Fill the fields of both templates; a bilingual value enters each in its language."""
        return Bilingual(
            self.english.format(**_values(values, Language.ENGLISH)),
            self.korean.format(**_values(values, Language.KOREAN)),
        )


def _values(values: dict[str, object], language: Language) -> dict[str, object]:
    return {
        name: value.of(language) if isinstance(value, Bilingual) else value
        for name, value in values.items()
    }


def same(text: object) -> Bilingual:
    """Return a name or a figure, which is the same in both languages."""
    return Bilingual(str(text), str(text))


def joined(separator: str, parts: Iterable[Bilingual]) -> Bilingual:
    """Join texts."""
    listed = list(parts)
    return Bilingual(
        separator.join(part.english for part in listed),
        separator.join(part.korean for part in listed),
    )
