"""Troubleshooting by symptom, from what was observed of each cause (lab/why/observed.json)."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec

from lab.bilingual import Language
from lab.why import table as why
from lab.why.causes import BY_NAME

PATH = Path(__file__).resolve().parent.parent / "docs" / "symptoms.toml"
HEADS = {
    Language.ENGLISH: ("it may be", "seen in", "what it is, and what to do"),
    Language.KOREAN: ("원인일 수 있는 것", "관찰", "무엇이고 어떻게 하나"),
}
COUNTED = {Language.ENGLISH: "{} of {} observations", Language.KOREAN: "관찰 {1}건 가운데 {0}건"}


class Symptom(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody sees. `pattern`: finds the client's words for it; nothing seen is ""."""

    pattern: str
    title: str
    korean: str


class Korean(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A cause of lab.why in Korean."""

    name: str
    title: str
    meaning: str
    advice: str


class Symptoms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    symptoms: tuple[Symptom, ...]
    causes: tuple[Korean, ...]


@cache
def load() -> Symptoms:
    """Read the file; raises msgspec.ValidationError where it has another form."""
    return msgspec.convert(tomllib.loads(PATH.read_text(encoding="utf-8")), type=Symptoms)


def of(row: why.Row) -> Symptom | None:
    """The first symptom whose pattern finds what the client saw."""
    seen = row.client or ""
    return next((one for one in load().symptoms if re.search(one.pattern, seen)), None)


def markdown(language: Language) -> str:
    """A section for each symptom: its causes, the most frequent first."""
    rows = [row for row in why.load().rows if not row.without]
    tried = Counter(row.cause for row in rows)
    return "\n".join(
        line
        for one in load().symptoms
        for line in _section(one, Counter(r.cause for r in rows if of(r) is one), tried, language)
    )


def _section(
    one: Symptom, causes: Counter[str], tried: Counter[str], language: Language
) -> Iterator[str]:
    yield f"## {one.title if language is Language.ENGLISH else one.korean}\n"
    heads = HEADS[language]
    yield f"| {' | '.join(heads)} |"
    yield "|---" * len(heads) + "|"
    for name, times in causes.most_common():
        title, meaning, advice = described(name, language)
        anchor = BY_NAME[name].title.lower().replace(" ", "-")
        seen = COUNTED[language].format(times, tried[name])
        yield f"| [{title}](why.md#{anchor}) | {seen} | {meaning} {advice} |"
    yield ""


def described(name: str, language: Language) -> tuple[str, str, str]:
    """A cause's title, meaning and advice."""
    if language is Language.ENGLISH:
        cause = BY_NAME[name]
        return cause.title, cause.meaning, cause.advice
    (korean,) = (one for one in load().causes if one.name == name)
    return korean.title, korean.meaning, korean.advice
