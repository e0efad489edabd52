"""What the server says to people, in its own words: the page has them in Korean too."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from lab.chat import commands, events
from lab.cost import text
from lab.cost.model import STACKS
from lab.cost.plan import PER, RANGES
from lab.decode.packets import ENGINE_IO_TYPES
from lab.decode.rfc6455 import NAMES
from lab.page import transports
from lab.page.protocol import MeaningKind

ANOTHER_WORD = {"경주": "속도 비교"}
"""Korean words for what has a better one; docs/glossary.toml has those that are used."""
COST = Path(__file__).parents[2] / "web" / "src" / "cost" / "words.ts"
NAME = re.compile(r"\{(\w+)\}")
ROOT = Path(__file__).parents[2]
SAID = ROOT / "web" / "src" / "inspector" / "said" / "words.ts"
DECODER = ROOT / "web" / "src" / "inspector" / "said" / "korean.ts"
KOREAN = Path(__file__).parents[2] / "web" / "src" / "chat" / "reasons.ts"


@pytest.mark.parametrize(
    "reason",
    [
        transports.NO_ROOM,
        transports.NO_CLIENT,
        transports.NOT_OFFERED,
        transports.NOT_OVER_TLS,
    ],
)
def test_why_a_transport_cannot_be_joined_is_known_in_korean(reason: str) -> None:
    assert f'  "{reason}":' in KOREAN.read_text(encoding="utf-8")


@pytest.mark.parametrize("word", ANOTHER_WORD)
def test_one_thing_has_one_word_in_korean(word: str) -> None:
    pages = [*(ROOT / "web" / "src").rglob("*.ts*"), *ROOT.glob("*.ko.md")]
    pages += [page for folder in ("docs", "notebooks") for page in (ROOT / folder).glob("*.ko.md")]
    texts = {page: page.read_text(encoding="utf-8") for page in pages}
    assert [page.name for page, text in texts.items() if word in text] == []
    assert any(ANOTHER_WORD[word] in text for text in texts.values())


def test_the_page_has_words_for_all_that_a_cost_has() -> None:
    keys = [
        *(f"step_{key}" for key in text.FORMULAS),
        *(f"assume_{key}" for key in text.SENTENCES),
        *(f"stack_{key}" for key in STACKS),
        *RANGES,
        *PER,
    ]
    said = COST.read_text(encoding="utf-8")
    # Once in each language: the type check of the page refuses a key that one of them lacks.
    assert [key for key in keys if said.count(f"\n    {key}:") != 2] == []


def test_the_formulas_of_a_cost_have_the_same_numbers_in_the_page() -> None:
    said = COST.read_text(encoding="utf-8")
    for key, formula in text.FORMULAS.items():
        for found in re.findall(rf'\n    step_{key}:\s*"([^"]*)"', said):
            assert sorted(NAME.findall(found)) == sorted(NAME.findall(formula)), key


def test_the_page_has_words_for_all_that_a_record_says() -> None:
    said = set(re.findall(r"\n    (\w+):", SAID.read_text(encoding="utf-8")))
    pushed = {str(kind.__struct_config__.tag) for kind in get_args(events.LoggedEvent)}
    replies = {str(kind.__struct_config__.tag) for kind in get_args(events.Reply)}
    keys = [
        *(f"command_{name}" for name in commands.NAMES),
        *(f"event_{name}" for name in {*pushed, "typing"}),
        *(f"reply_{name}" for name in replies),
        *(f"engineio_{name}" for name in ENGINE_IO_TYPES),
        *(f"frame_{name}" for name in {*NAMES.values()} - {"continuation"}),
    ]
    assert [key for key in keys if key not in said] == []
    for kind in get_args(MeaningKind):
        assert any(key.startswith(kind) for key in said), kind


def test_what_the_decoder_says_is_known_in_korean() -> None:
    korean = DECODER.read_text(encoding="utf-8")
    said = list(said_by_the_decoder())
    assert len(said) > 20
    assert [text for text in said if f'"{text}":' not in korean] == []


def said_by_the_decoder() -> Iterator[str]:
    """The sentences in the sources of the decoder that are no documentation and no part of one."""
    for path in sorted((ROOT / "lab" / "decode").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
        for node in ast.walk(tree):
            if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
                continue
            alone = not isinstance(parents[node], ast.Expr | ast.JoinedStr)
            if alone and node.value.count(" ") > 2 and node.value.isascii():
                yield node.value
