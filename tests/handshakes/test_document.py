"""docs/handshake-errors.md says what the servers answer."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lab.handshakes.cases import CASES
from lab.handshakes.tables import ABSENT
from tests.handshakes.test_servers import asked, names, subject

TEXT = (Path(__file__).parents[2] / "docs" / "handshake-errors.md").read_text(encoding="utf-8")
AGAIN = "print the table of docs/handshake-errors.md anew, with lab handshake-errors --markdown"


def rows() -> list[list[str]]:
    """The table's cells, its heading first."""
    table = TEXT.partition("<!-- begin findings -->")[2].partition("<!-- end findings -->")[0]
    lines = [line for line in table.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def written() -> dict[str, dict[str, str]]:
    """Server -> what is wrong -> the answer."""
    heads, *cases = rows()
    return {
        name: {cells[0]: cells[at].strip("*") for cells in cases}
        for at, head in enumerate(heads)
        for name in re.findall(r"`(.+?)`", head)
    }


def test_the_table_has_every_case_with_its_clause() -> None:
    assert [tuple(row[:2]) for row in rows()[1:]] == [(c.wrong, c.clause) for c in CASES.values()]


@pytest.mark.parametrize("name", [name for name in names() if name in written()])
def test_the_table_says_what_the_server_answers(name: str) -> None:
    subject(name)
    answers = asked(name).answers
    found = {c.wrong: str(answers.get(c.name, ABSENT)) for c in CASES.values()}
    assert found == written()[name], AGAIN


def test_the_table_is_about_servers_that_there_are() -> None:
    assert {*written()} <= {*names()}
    assert "python-socketio alone" in written()
