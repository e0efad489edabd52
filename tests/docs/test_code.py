"""The table of the simple chats has a name for every concern, in both languages."""

from __future__ import annotations

from lab.bilingual import Language
from lab.code.concerns import APPLICATION
from tests.claims.korean import is_korean
from tools import simple_chats


def test_every_concern_has_a_korean_name() -> None:
    assert set(simple_chats.CONCERNS) == set(APPLICATION)
    assert all(map(is_korean, simple_chats.CONCERNS.values()))


def test_both_tables_have_the_same_numbers() -> None:
    english, korean = (simple_chats.table(language).splitlines() for language in Language)
    assert [line.split("|")[2:] for line in english[1:]] == [
        line.split("|")[2:] for line in korean[1:]
    ]
