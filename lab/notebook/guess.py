"""The reader's guess, which is kept and shown beside what was measured; and checked exercises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import EllipsisType

from lab.notebook.prose import Prose, table

Value = float | str
"""A number, or a choice such as "depends"."""

HEADS = ("your guess", "measured", "compared")
HEADS_KO = ("내 추측", "측정값", "비교")
NONE = "–"


@dataclass(frozen=True)
class Guess:
    """What the reader guessed: question -> a value, or `...` as long as there is none."""

    entries: Mapping[str, Value | EllipsisType]
    unit: str = ""

    def beside(self, measured: Mapping[str, Value | None]) -> Prose:
        """Return a table with the guess beside each measured value; None: it was not measured.

        Raises KeyError for a question without a measured value.
        """
        rows = [
            [name, *_compared(guessed, measured[name], self.unit)]
            for name, guessed in self.entries.items()
        ]
        return table(["", *HEADS], rows, ["", *HEADS_KO])


def guess(entries: Mapping[str, Value | EllipsisType], unit: str = "") -> Guess:
    """Keep the reader's guess. Put a value where a `...` is; a `...` may stay.

    Raises TypeError for a guess that is neither a number nor a text.
    """
    for name, value in entries.items():
        if not isinstance(value, int | float | str | EllipsisType) or isinstance(value, bool):
            raise TypeError(f"{name}: a guess is a number or a text, not {value!r}")
    return Guess(dict(entries), unit if unit[:1] in ("", "×", "/") else f" {unit}")


@dataclass(frozen=True)
class Expected:
    """The right answer of an exercise, and a hint for the wrong ones.

    `within`: by what share a number may differ. `value` is None where there is nothing to compare.
    """

    value: Value | None
    hint: str
    hint_ko: str
    within: float = 0.05

    def accepts(self, answer: object) -> bool:
        """Say whether the answer is right; texts are compared without case and outer blanks."""
        if isinstance(self.value, str):
            return isinstance(answer, str) and answer.strip().lower() == self.value.lower()
        if self.value is None or not isinstance(answer, int | float) or isinstance(answer, bool):
            return False
        return abs(answer - self.value) <= self.within * abs(self.value)


def check(answer: object, expected: Expected) -> Prose:
    """Say whether an exercise's answer is right. A wrong answer gets a hint, never the answer."""
    if answer is ...:
        return Prose(
            "*Not answered yet:* put your answer where the `...` is.",
            "*아직 답이 없습니다.* `...` 자리에 답을 쓰십시오.",
        )
    if expected.value is None:
        return Prose(
            "*Nothing to compare with:* it was not measured here.",
            "*비교할 값이 없습니다.* 여기서는 측정하지 않았습니다.",
        )
    if expected.accepts(answer):
        return Prose("**Right.**", "**맞습니다.**")
    return Prose(f"**Not yet.** {expected.hint}", f"**아직 아닙니다.** {expected.hint_ko}")


def _compared(guessed: Value | EllipsisType, measured: Value | None, unit: str) -> list[str]:
    if measured is None:
        return [_shown(guessed, unit), NONE, NONE]
    verdict = NONE
    if isinstance(guessed, str):
        verdict = "✓" if guessed.strip().lower() == str(measured).lower() else "✗"
    elif not isinstance(guessed, EllipsisType) and not isinstance(measured, str) and measured:
        verdict = f"{guessed / measured:.2g}×"
    return [_shown(guessed, unit), f"**{_shown(measured, unit)}**", verdict]


def _shown(value: Value | EllipsisType, unit: str) -> str:
    if isinstance(value, EllipsisType):
        return NONE
    if isinstance(value, str):
        return value
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return (
        f"{value:,.{digits}f}".rstrip("0").rstrip(".") + unit if digits else f"{value:,.0f}{unit}"
    )
