"""The tables of answers: every answer in its cell, and a mark where a case does not apply."""

from __future__ import annotations

import io

from rich.console import Console
from rich.table import Table

from lab.handshakes.answer import After, Answer
from lab.handshakes.cases import CASES, RIGHT
from lab.handshakes.tables import ABSENT, details, markdown, markdown_cases, overview, style
from tests.handshakes.factory import KEPT, OPENED, REFUSED, SILENT, column

POST = CASES["post"]
ONE = column("one", {"right": OPENED, "post": KEPT, "no-eio": REFUSED})
TWO = column("two", {"right": OPENED, "post": SILENT})
ALIKE = column("alike", {"right": OPENED, "post": SILENT})


def printed(table: Table) -> list[str]:
    console = Console(file=io.StringIO(), width=200)
    console.print(table)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def row(lines: list[str], first: str) -> list[str]:
    return next(line for line in lines if line.startswith(first)).removeprefix(first).split("  ")


def cells(lines: list[str], first: str) -> list[str]:
    return [cell.strip() for cell in row(lines, first) if cell.strip()]


def test_a_row_for_each_case_and_a_column_for_each_server() -> None:
    lines = printed(overview("Servers", [ONE, TWO], [RIGHT, POST, CASES["no-eio"]]))
    assert cells(lines, "what is wrong") == ["one", "two"]
    assert cells(lines, "nothing") == ["101 kept", "101 kept"]
    assert cells(lines, "POST") == ["400 kept", "silence"]
    assert cells(lines, "no EIO") == ["400 closed", ABSENT]


def test_the_details_have_the_servers_text() -> None:
    three = column("three", {"post": Answer(405, After.KEPT, "Not Allowed", body="[GET] only")})
    lines = printed(details(POST, [three, TWO]))
    assert cells(lines, "three") == ["405 kept", "Not Allowed", "[GET] only"]
    assert cells(lines, "two") == ["silence"]


def test_a_document_has_one_column_for_servers_with_equal_answers() -> None:
    lines = list(markdown([ONE, TWO, ALIKE]))
    assert lines == [
        "| what is wrong | `one` | `two`, `alike` |",
        "| --- | --- | --- |",
        "| nothing | 101 kept | 101 kept |",
        "| POST | 400 kept | **silence** |",
        f"| no EIO | 400 closed | {ABSENT} |",
    ]


def test_a_document_has_every_case_with_its_clause() -> None:
    lines = list(markdown_cases())
    assert len(lines) == 2 + len(CASES)
    assert f"| POST | `post` | {POST.clause} |" in lines


def test_colours_show_which_answers_follow_the_tutorials() -> None:
    assert style(RIGHT, OPENED) == "green"
    assert style(RIGHT, REFUSED) == "red"
    assert style(POST, REFUSED) == ""
    assert style(POST, KEPT) == "yellow"
    for odd in (OPENED, SILENT, Answer(500, After.CLOSED), Answer(400, After.CLOSED, left=1)):
        assert style(POST, odd) == "red"
