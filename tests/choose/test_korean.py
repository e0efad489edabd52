"""`lab choose` in Korean: no text is in English alone, and a whole answer is in Korean."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import lab.choose
from lab.bilingual import Language
from lab.choose import bundle, text
from lab.choose.cases import CASES, Case
from lab.choose.decide import decide
from lab.choose.facts import Facts
from tests.choose.test_decide import PACKAGED, every_sentence
from tests.claims.korean import ENGLISH_SENTENCE, is_korean

FOLDER = Path(lab.choose.__file__).parent
CLI = FOLDER.parent / "cli" / "choose.py"
FIELD = re.compile(r"\{\w+\}")
OTHER_FORM = re.compile(r"(?<!니)다\.|요\.")
"""The end of a Korean sentence that is not in the polite form of the lab."""
COMMAND = re.compile(r"(lab|gzip) ")


def pairs(tree: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
    """The English and the Korean of each `Bilingual` that is written in a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Bilingual":
            yield node.args[0], node.args[1]


def alone(tree: ast.Module) -> list[str]:
    """The English sentences of a module that have no Korean: no docstrings, no commands."""
    allowed = {id(node) for english, _ in pairs(tree) for node in ast.walk(english)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            allowed.add(id(node.value))
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if id(node) not in allowed and not COMMAND.match(node.value)
        if ENGLISH_SENTENCE.search(node.value)
    ]


def test_every_text_has_its_korean_with_the_same_fields() -> None:
    found = 0
    for path in (*FOLDER.glob("*.py"), CLI):
        for english, korean in pairs(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(english, ast.Constant) or not isinstance(korean, ast.Constant):
                continue
            said, translated = str(english.value), str(korean.value)
            found += 1
            assert is_korean(translated), (path.name, said)
            assert sorted(FIELD.findall(said)) == sorted(FIELD.findall(translated)), said
            assert not OTHER_FORM.search(translated), translated
    assert found > 80


def test_no_sentence_is_in_english_alone() -> None:
    for path in FOLDER.glob("*.py"):
        assert alone(ast.parse(path.read_text(encoding="utf-8"))) == [], path.name
    planted = 'X = sentence("This one has no Korean at all.", "lab claims rooms of the house")'
    assert alone(ast.parse(planted)) == ["This one has no Korean at all."]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.key)
def test_a_whole_answer_is_in_korean(case: Case) -> None:
    found = decide(Facts(case.needs, PACKAGED, bundle.load()))
    said = list(text.lines(case.needs, found, PACKAGED, Language.KOREAN))
    assert said[0].startswith("조건: 서버: ")
    for line in said:
        assert line.startswith(text.COMMAND) or not line or is_korean(line), line
    document = text.markdown(found, Language.KOREAN)
    assert not ENGLISH_SENTENCE.search(re.sub(r"`[^`]*`", "", document))
    values = text.as_values(case.needs, found, PACKAGED, Language.KOREAN)
    assert is_korean(values["brief"])
    assert all(is_korean(one["text"]) for one in values["reasons"] + values["price"])


def test_every_sentence_that_the_rules_can_give_is_in_korean() -> None:
    for one in every_sentence():
        assert is_korean(one.text.korean), one.text.english
        assert not OTHER_FORM.search(one.text.korean)
        for source in one.sources:
            assert is_korean(source.korean)
