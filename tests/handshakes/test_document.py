"""docs/handshake-errors.md agrees with the servers' answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

from lab.handshakes.cases import CASES
from lab.handshakes.tables import ABSENT, markdown_cases
from tests.handshakes.test_servers import asked, names, subject

TEXT = (Path(__file__).parents[2] / "docs" / "handshake-errors.md").read_text(encoding="utf-8")
FOUND = TEXT.partition("<!-- begin findings -->")[2].partition("<!-- end findings -->")[0]
AGAIN = "make its tables anew: the document says with which command"


def tables() -> Iterator[list[str]]:
    """The lines of each table."""
    for of_table, lines in groupby(FOUND.splitlines(), key=lambda line: line.startswith("|")):
        if of_table:
            yield list(lines)


def written() -> dict[str, dict[str, str]]:
    """Server -> fault -> answer."""
    servers: dict[str, dict[str, str]] = {}
    for heading, _, *rows in list(tables())[1:]:
        for at, head in enumerate(cells(heading)):
            for name in re.findall(r"`(.+?)`", head):
                servers[name] = {cells(row)[0]: cells(row)[at].strip("*") for row in rows}
    return servers


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_the_first_table_has_every_case_with_its_clause() -> None:
    assert next(tables()) == list(markdown_cases()), AGAIN


@pytest.mark.parametrize("name", [name for name in names() if name in written()])
def test_the_tables_agree_with_the_servers_answers(name: str) -> None:
    subject(name)
    answers = asked(name).answers
    for case in CASES.values():
        found = str(answers.get(case.name, ABSENT))
        assert found == written()[name].get(case.wrong, ABSENT), f"{case.name}: {AGAIN}"


def test_the_tables_are_about_existing_servers() -> None:
    assert {*written()} <= {*names()}
    assert "python-socketio alone" in written()
