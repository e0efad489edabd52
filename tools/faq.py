"""The questions of docs/faq.toml with their answers, for the two pages made of them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec

from lab.bilingual import Language
from tools.quoted import Quoted

ROOT = Path(__file__).resolve().parent.parent
PATH = ROOT / "docs" / "faq.toml"
FROM = {Language.ENGLISH: "Measured in", Language.KOREAN: "측정한 실행:"}
REPEAT = {Language.ENGLISH: "Repeat it:", Language.KOREAN: "다시 해 보기:"}


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question and its answer, a template of tools/quoted.py, in both languages."""

    question: str
    korean: str
    answer: str
    answer_ko: str
    command: str


class Faq(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    questions: tuple[Question, ...]


@cache
def questions() -> tuple[Question, ...]:
    """Read the file; raises msgspec.ValidationError where it has another form."""
    return msgspec.convert(tomllib.loads(PATH.read_text(encoding="utf-8")), type=Faq).questions


def markdown(language: Language) -> str:
    """A section for each question."""
    return "\n".join(text for one in questions() for text in _section(one, language))


def _section(one: Question, language: Language) -> Iterator[str]:
    english = language is Language.ENGLISH
    quoted = Quoted(language)
    yield f"## {one.question if english else one.korean}\n"
    yield quoted.fill(one.answer if english else one.answer_ko) + "\n"
    if quoted.runs:
        yield f"{FROM[language]} {', '.join(map(_link, quoted.runs))}. ".rstrip() + "\n"
    yield f"{REPEAT[language]} `{one.command}`\n"


def _link(run: str) -> str:
    (folder,) = (ROOT / "results").glob(f"*/{run}")
    return f"[`{run}`](../{folder.relative_to(ROOT)}/run.json)"
