"""The texts of the chapters: their code is that of the files, all of it, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lab.course.chapters import Chapter, chapters

CHAPTERS = {f"{each.number:02}": each for each in chapters()}
CODE = re.compile(r"```jsx?\n(.*?)```", re.DOTALL)
ANY_CODE = re.compile(r"```\w+\n(.*?)```|`([^`\n]+)`", re.DOTALL)
COMMENT = re.compile(r"//.*|/\*.*?\*/|^ *# .*", re.MULTILINE)
PROGRAMS = {".mjs", ".js", ".jsx", ".html", ".conf"}
OPEN = "10"
"""The chapter whose solution is what the learner finds out, and so is not in its text."""
MOST_WORDS = 20
LANGUAGES = ("README.md", "README.ko.md")


def text(chapter: Chapter, language: str) -> str:
    return (chapter.folder / language).read_text()


def code(chapter: Chapter, language: str) -> list[str]:
    """The blocks of code, without their comments."""
    return [COMMENT.sub("", block).strip() for block in CODE.findall(text(chapter, language))]


def lines_of(folder: Path) -> set[str]:
    """Every line of the programs in a chapter, without indentation and comments."""
    programs = (path for path in folder.rglob("*") if path.suffix in PROGRAMS)
    found = (COMMENT.sub("", line) for path in programs for line in path.read_text().splitlines())
    return {line.strip() for line in found}


@pytest.mark.parametrize("number", CHAPTERS)
def test_both_languages_have_the_same_code_and_parts(number: str) -> None:
    english, korean = (code(CHAPTERS[number], language) for language in LANGUAGES)
    assert english == korean
    for part in (r"^#+ ", r"^\d\. ", r"^- \*\*", r"^\|", r"^```"):
        counts = [
            len(re.findall(part, text(CHAPTERS[number], language), re.MULTILINE))
            for language in LANGUAGES
        ]
        assert counts[0] == counts[1], part


@pytest.mark.parametrize("number", CHAPTERS)
def test_the_code_in_the_text_is_that_of_the_files(number: str) -> None:
    written = lines_of(CHAPTERS[number].folder)
    for block in code(CHAPTERS[number], "README.md"):
        for line in filter(None, map(str.strip, block.splitlines())):
            assert line in written


@pytest.mark.parametrize("number", [number for number in CHAPTERS if number != OPEN])
def test_the_text_has_each_line_that_the_solution_adds(number: str) -> None:
    chapter = CHAPTERS[number]
    added = lines_of(chapter.files("solution")) - lines_of(chapter.files("start"))
    for language in LANGUAGES:
        blocks = (block or inline for block, inline in ANY_CODE.findall(text(chapter, language)))
        shown = (COMMENT.sub("", line).strip() for block in blocks for line in block.splitlines())
        assert added <= set(shown), language


def sentences(markdown: str) -> list[str]:
    """The sentences of a text, without its headings, tables and blocks of code."""
    prose = re.sub(r"^```.*?^```|^[#|].*?$", "", markdown, flags=re.DOTALL | re.MULTILINE)
    parts = re.split(r"\n\s*\n|^(?:- |\d\. )", prose, flags=re.MULTILINE)
    words = (re.sub(r"`[^`]*`", "code", part).replace("*", "") for part in parts)
    found = (each for part in words for each in re.split(r"(?<=[.?!])\)?\s+", part))
    return [each for each in found if re.search("[a-z]", each)]


def average_words(markdown: str) -> float:
    found = sentences(markdown)
    return sum(len(each.split()) for each in found) / len(found)


def test_the_words_of_a_sentence_are_counted() -> None:
    markdown = (
        "# Head of five words here\n\n**One.** It\nis `a b. c`. Is it?\n\n- Four words in\n  all\n"
    )
    assert sentences(markdown) == ["One.", "It\nis code.", "Is it?", "Four words in\n  all\n"]
    assert average_words(markdown) == (1 + 3 + 2 + 4) / 4


@pytest.mark.parametrize("number", CHAPTERS)
def test_the_sentences_are_short(number: str) -> None:
    assert average_words(text(CHAPTERS[number], "README.md")) <= MOST_WORDS
