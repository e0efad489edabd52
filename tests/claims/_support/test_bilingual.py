"""Templates in two languages, and what counts as Korean."""

from __future__ import annotations

import pytest

from lab.bilingual import Bilingual, Language, joined, same
from tests.claims.korean import is_korean

MOON = Bilingual("the moon", "달")


def test_both_templates_get_the_same_figures() -> None:
    text = Bilingual("{what}: {share:.1f} of it is stone", "{what}: {share:.1f}이 돌입니다")
    filled = text.fill(what=MOON, share=0.25)
    assert filled.of(Language.ENGLISH) == "the moon: 0.2 of it is stone"
    assert filled.of(Language.KOREAN) == "달: 0.2이 돌입니다"


def test_a_missing_figure_is_an_error() -> None:
    with pytest.raises(KeyError):
        Bilingual("{a}", "{b}").fill(a=1)


def test_texts_are_joined_in_each_language() -> None:
    assert joined(", ", [MOON, same(7)]) == Bilingual("the moon, 7", "달, 7")


@pytest.mark.parametrize(
    ("text", "korean"),
    [
        ("연결이 열립니다.", True),
        ("socket.io-client in Node: 3.1 RTT, `one two three four` 보냅니다.", True),
        ("The moon is made of stone.", False),
        ("달: the moon is made of stone", False),
        ("websocket", False),
        ("웹소켓이 열립니다.", False),
    ],
)
def test_an_english_sentence_is_found(text: str, korean: bool) -> None:
    assert is_korean(text) is korean
