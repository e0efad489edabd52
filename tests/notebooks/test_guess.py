"""A guess is kept and shown beside what was measured; an exercise's answer is judged."""

from __future__ import annotations

from typing import Any

import pytest

from lab.notebook import Expected, check, guess


def rows(markdown: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in markdown.splitlines()[2:]]


def test_a_guess_is_shown_beside_the_measured_value(subtests: pytest.Subtests) -> None:
    cases: dict[str, tuple[Any, Any, list[str]]] = {
        "a number and how far off it is": (4, 2.0, ["4 ms", "**2 ms**", "2×"]),
        "none": (..., 1234.5, ["–", "**1,234 ms**", "–"]),
        "a right word": ("Less ", "less", ["Less ", "**less**", "✓"]),
        "a wrong word": ("more", "less", ["more", "**less**", "✗"]),
        "a number for a word": (3, "less", ["3 ms", "**less**", "–"]),
        "nothing was measured": (4, None, ["4 ms", "–", "–"]),
        "nothing is measured to be nought": (4, 0, ["4 ms", "**0 ms**", "–"]),
    }
    for name, (guessed, measured, expected) in cases.items():
        with subtests.test(name):
            shown = guess({"question": guessed}, unit="ms").beside({"question": measured})
            assert rows(shown.markdown) == [["question", *(cell.strip() for cell in expected)]]
            assert rows(shown.korean) == rows(shown.markdown)
            assert "내 추측" in shown.korean


def test_a_question_without_a_measured_value_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        guess({"one": 1, "two": 2}).beside({"one": 1})


@pytest.mark.parametrize("value", [True, None, [1]])
def test_a_guess_is_a_number_or_a_text(value: object) -> None:
    with pytest.raises(TypeError, match="question: a guess is a number or a text"):
        guess({"question": value})  # type: ignore[dict-item]


def test_an_answer_is_judged_and_never_given_away(subtests: pytest.Subtests) -> None:
    number, word = Expected(100, "hint", "도움말"), Expected("POST", "hint", "도움말")
    cases = [
        (number, 104.9, "Right"),
        (number, 95.1, "Right"),
        (number, 105.1, "Not yet"),
        (number, "100", "Not yet"),
        (number, True, "Not yet"),
        (word, " post ", "Right"),
        (word, "GET", "Not yet"),
        (word, 1, "Not yet"),
        (number, ..., "Not answered"),
        (Expected(0, "hint", "도움말", within=0), 0, "Right"),
        (Expected(None, "hint", "도움말"), 100, "Nothing to compare"),
    ]
    for expected, answer, verdict in cases:
        with subtests.test(f"{answer!r} for {expected.value}"):
            shown = check(answer, expected)
            assert verdict in shown.markdown
            assert shown.korean
            if verdict == "Not yet":
                assert "hint" in shown.markdown
                assert str(expected.value) not in shown.markdown
