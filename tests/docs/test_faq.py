"""The questions have measured answers in both languages; every symptom that was seen has causes."""

from __future__ import annotations

import re

import pytest

from lab.bilingual import Language
from lab.why import table as why
from lab.why.causes import CAUSES
from tests.claims.korean import is_korean
from tools import faq, symptoms, why_korean
from tools.quoted import PLACEHOLDER, Quoted

ROWS = [row for row in why.load().rows if not row.without]


def test_twenty_questions_each_with_the_same_figures_in_both_languages(
    subtests: pytest.Subtests,
) -> None:
    assert len(faq.questions()) == 20
    for one in faq.questions():
        with subtests.test(one.question):
            assert one.question.endswith("?")
            assert is_korean(one.korean)
            quoted = PLACEHOLDER.findall(one.answer)
            assert quoted, "an answer quotes what was measured"
            assert sorted(quoted) == sorted(PLACEHOLDER.findall(one.answer_ko))
            korean = Quoted(Language.KOREAN).fill(one.answer_ko)
            assert is_korean(korean)
            assert "{" not in korean


@pytest.mark.parametrize(
    "template",
    [
        "{value websocket no_such_figure}",
        "{value no-such-transport rtt_p50_us}",
        "{value websocket delivery_bytes browser}",
        "{ratio websocket socketio rtt_p50_us}",
        "{seen loopback reset}",
        "{seen websocket unknown-sid}",
        "{after websocket-aiohttp silent-line}",
        "{lines COBOL}",
        "{nothing kind}",
    ],
)
def test_what_nobody_has_measured_is_not_quoted(template: str) -> None:
    with pytest.raises(LookupError):
        Quoted(Language.ENGLISH).fill(template)


def test_an_answer_names_the_run_that_it_quotes() -> None:
    quoted = Quoted(Language.ENGLISH)
    assert quoted.fill("{value websocket delivery_bytes} B") == "151 B"
    assert len(quoted.runs) == 1


def test_everything_that_a_client_saw_is_under_one_symptom() -> None:
    lost = {row.client for row in ROWS if symptoms.of(row) is None}
    assert lost == set()
    used = {found.title for row in ROWS if (found := symptoms.of(row))}
    assert used == {one.title for one in symptoms.load().symptoms}


def test_every_cause_is_in_korean() -> None:
    assert [one.name for one in symptoms.load().causes] == [cause.name for cause in CAUSES]
    for one in symptoms.load().causes:
        assert is_korean(one.meaning)
        assert is_korean(one.advice)
        assert one.title == one.title.upper() or is_korean(one.title)


def test_the_korean_tables_have_every_row_and_no_english_sentence() -> None:
    english, korean = why.markdown(why.load()), why_korean.tables()
    assert len(korean.splitlines()) == len(english.splitlines())
    for line in korean.splitlines():
        assert (
            not line
            or line.startswith(("| `", "|---"))
            or is_korean(line)
            or line in ("## RST", "## FIN")
        )


def test_the_most_frequent_cause_of_a_symptom_comes_first() -> None:
    for section in symptoms.markdown(Language.ENGLISH).split("## ")[1:]:
        times = [int(found) for found in re.findall(r"\| (\d+) of \d+ observations", section)]
        assert times, section
        assert times == sorted(times, reverse=True), section
