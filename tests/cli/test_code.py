"""`lab code`: a row for each wire, the same numbers as JSON, and names that are none."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lab.cli import main
from lab.code.concerns import APPLICATION, Concern
from transports import registry


def lab(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["code", *arguments], env={"COLUMNS": "80"})


@pytest.fixture(scope="module")
def counted() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(lab("--json").output)
    return found


def test_json_has_every_wire_with_every_concern(counted: dict[str, Any]) -> None:
    assert [wire["wire"] for wire in counted["wires"]] == list(registry.WIRES)
    for wire in counted["wires"]:
        assert list(wire["own"]) == list(wire["shared"]) == list(Concern)
        both = (wire[part][concern] for part in ("own", "shared") for concern in APPLICATION)
        assert wire["application"] == sum(both)
    assert "Python" in counted["rooms"]


def test_the_table_has_the_numbers_of_the_json_whatever_the_terminal(
    counted: dict[str, Any],
) -> None:
    result = lab()
    assert result.exit_code == 0
    rows = {line.split()[0]: line.split() for line in result.output.splitlines() if line.strip()}
    for wire in counted["wires"]:
        own, shared = wire["own"], wire["shared"]
        cells = [own[concern] + shared[concern] for concern in APPLICATION]
        mine = sum(own[concern] for concern in APPLICATION)
        left_out = [own[it] + shared[it] for it in (Concern.MENDS, Concern.LAB)]
        expected = [*cells, wire["application"], mine, wire["application"] - mine, *left_out]
        assert [int(cell.rstrip("*")) for cell in rows[wire["wire"]][1:]] == expected
    room = [counted["rooms"]["Python"][concern] for concern in APPLICATION]
    assert [int(cell) for cell in rows["Python"][1:]] == [*room, sum(room)]


def test_a_star_says_what_a_library_gives_and_is_explained(counted: dict[str, Any]) -> None:
    output = lab().output
    for wire in counted["wires"]:
        line = next(x for x in output.splitlines() if x.split()[:1] == [wire["wire"]])
        given = {concern for each in wire["given"] for concern in each["gives"]}
        assert line.count("*") == len(given)
        for each in wire["given"]:
            assert f"* {each['library']} gives " in output


def test_wires_are_chosen_by_name_and_by_group_whether_or_not_they_can_run() -> None:
    rows = [wire["wire"] for wire in json.loads(lab("--json", "--wires", "core").output)["wires"]]
    assert rows == list(registry.CORE)
    one = json.loads(lab("--json", "--wires", "socketio, websocket").output)["wires"]
    assert [wire["wire"] for wire in one] == ["websocket", "socketio"]


def test_an_unknown_wire_is_answered_with_those_that_there_are() -> None:
    result = lab("--wires", "telegraph")
    assert result.exit_code == 2
    said = " ".join(result.output.split())
    assert all(word in said for word in [*registry.WIRES, *registry.GROUPS, "all"])
