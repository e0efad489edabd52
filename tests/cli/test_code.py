"""`lab code`: a column for each transport, the same numbers as JSON, and names that are none."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lab.cli import main
from lab.cli.code import UNASSIGNED
from lab.code.concerns import APPLICATION, Concern
from transports import registry


def lab(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["code", *arguments], env={"COLUMNS": "80"})


@pytest.fixture(scope="module")
def counted() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(lab("--json").output)
    return found


def test_json_has_every_transport_with_every_concern(counted: dict[str, Any]) -> None:
    assert [transport["transport"] for transport in counted["transports"]] == list(
        registry.TRANSPORTS
    )
    for transport in counted["transports"]:
        for part in ("own", "shared"):
            assert [name for name in transport[part] if name != UNASSIGNED] == list(Concern)
        both = (transport[part][concern] for part in ("own", "shared") for concern in APPLICATION)
        assert transport["application"] == sum(both)
    assert "Python" in counted["rooms"]


def columns(output: str) -> dict[str, dict[str, str]]:
    """The tables of transports, read back: transport -> row's name -> cell."""
    found: dict[str, dict[str, str]] = {}
    names = iter(name for group in registry.GROUPS.values() for name in group)
    for text in output.split("Lines of code: ")[1:]:
        table = text.split("\n\n", maxsplit=1)[0]
        if table.startswith("a simple chat"):
            continue
        total = next(line for line in table.splitlines() if line.strip().startswith("in total"))
        width = len(total.split()) - len(["in", "total"])
        cells = [line.rsplit(maxsplit=width) for line in table.splitlines()]
        rows = {row[0].strip(): row[1:] for row in cells if len(row) == width + 1}
        for place, transport in enumerate(itertools.islice(names, width)):
            found[transport] = {name: row[place] for name, row in rows.items()}
    return found


def test_the_tables_have_the_numbers_of_the_json(counted: dict[str, Any]) -> None:
    result = lab()
    assert result.exit_code == 0
    shown = columns(result.output)
    for transport in counted["transports"]:
        own, shared = transport["own"], transport["shared"]
        both = {str(it): own[it] + shared[it] for it in Concern}
        undeclared = own.get(UNASSIGNED, 0) + shared.get(UNASSIGNED, 0)
        mine = sum(own[concern] for concern in APPLICATION)
        parts = {"own file": mine, "shared": transport["application"] - mine}
        expected: dict[str, int] = {**both, **parts, "in total": transport["application"]}
        cells = {
            name: int(cell.rstrip("*"))
            for name, cell in expected_rows(shown, transport["transport"])
        }
        # A row of its group's table: left out where it would be nothing but zeros.
        assert cells.pop(UNASSIGNED, 0) == undeclared
        assert cells == expected


def expected_rows(shown: dict[str, dict[str, str]], transport: str) -> list[tuple[str, str]]:
    """The rows that hold numbers; a heading in two lines looks like a row, and holds none."""
    return [(name, cell) for name, cell in shown[transport].items() if cell.rstrip("*").isdigit()]


def test_the_tables_fit_a_terminal() -> None:
    tables = lab().output.split("* websockets gives")[0]
    assert max(map(len, tables.splitlines())) <= 80


def test_the_room_itself_is_counted_by_language(counted: dict[str, Any]) -> None:
    table = lab().output.split("The room itself")[1]
    rows = map(str.split, table.splitlines())
    total = next(row for row in rows if row[:2] == ["in", "total"])
    sums = [sum(lines[it] for it in APPLICATION) for lines in counted["rooms"].values()]
    assert list(map(int, total[2:])) == sums


def test_a_star_says_what_a_library_gives_and_is_explained(counted: dict[str, Any]) -> None:
    output = lab().output
    shown = columns(output)
    for transport in counted["transports"]:
        given = {concern for each in transport["given"] for concern in each["gives"]}
        starred = {
            name for name, cell in shown[transport["transport"]].items() if cell.endswith("*")
        }
        assert starred == given
        for each in transport["given"]:
            assert f"* {each['library']} gives " in output


def test_transports_are_chosen_by_name_and_by_group_whether_or_not_they_can_run() -> None:
    rows = [
        transport["transport"]
        for transport in json.loads(lab("--json", "--transports", "core").output)["transports"]
    ]
    assert rows == list(registry.CORE)
    one = json.loads(lab("--json", "--transports", "socketio, websocket").output)["transports"]
    assert [transport["transport"] for transport in one] == ["websocket", "socketio"]


def test_an_unknown_transport_is_answered_with_those_that_there_are() -> None:
    result = lab("--transports", "telegraph")
    assert result.exit_code == 2
    said = " ".join(result.output.split())
    assert all(word in said for word in [*registry.TRANSPORTS, *registry.GROUPS, "all"])
