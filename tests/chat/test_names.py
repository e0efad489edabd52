"""Which names can be shown, and that the table of characters is the one that its program makes."""

from __future__ import annotations

import unicodedata

import pytest

from lab.chat.names import is_shown
from tools import characters

TAG = "\U000e0067"
JOINER = "\u200d"

same_unicode = pytest.mark.skipif(
    unicodedata.unidata_version != characters.VERSION,
    reason=f"this Python's Unicode is {unicodedata.unidata_version}",
)


@same_unicode
def test_the_table_is_made_by_its_program() -> None:
    assert characters.TABLE.read_text(encoding="utf-8") == characters.table()


@same_unicode
def test_every_character_alone() -> None:
    alone = {chr(code_point) for code_point in range(0x110000)}
    shown = {char for char in alone if is_shown(char)}
    blank = set(map(chr, (*characters.BLANK, *characters.SELECTORS, ord(" "))))
    assert shown == {char for char in alone if char.isprintable()} - blank


@pytest.mark.parametrize(
    "name",
    ["é 😀", "❤\ufe0f", "👍🏽", "🇰🇷", "葛\U000e0100城", "각", "ᠠ\u180b", "a\u0301", "\u05d0"],
    ids=ascii,
)
def test_shown(name: str) -> None:
    assert is_shown(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        " a",
        "a ",
        "a\u00a0b",
        "a\u3000b",
        "a\u2028b",
        "a\tb",
        "a\u00adb",
        "\u200b",
        f"👨{JOINER}👩",
        f"🏴{TAG}",
        "\ue000",
        "\ud800",
        "\u2800",
        "a\u2800b",
        "\u3164",
        "\u115f",
        "\uffa0",
        "\u17b4",
        "\u034f",
        "\ufe0f",
        "\ufe0f \ufe0e",
        "\U000e0100",
        "\U0001fadf",  # Unicode 16
        "\u20c1",  # Unicode 17
    ],
    ids=ascii,
)
def test_not_shown(name: str) -> None:
    assert not is_shown(name)
