"""`lab cost`: the table with its arithmetic, the same as JSON, and impossible plans."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lab.cli import main
from lab.cost.model import STACKS

PLAN = ["--users", "10000", "--rooms", "100", "--rate", "0.05", "--per", "user"]


def lab(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["cost", *arguments], env={"COLUMNS": "120"})


def test_a_table_the_arithmetic_the_sources_and_what_is_assumed(tmp_path: Path) -> None:
    result = lab(*PLAN, "--results", str(tmp_path))
    assert result.exit_code == 0, result.output
    for stack in ("node", "python"):
        assert all(f" {name} " in result.output for name in STACKS[stack].transports.values())
    for heading in ("The arithmetic", "The measured numbers", "Assumed"):
        assert f"\n{heading}\n" in result.output
    assert "deliveries a second = 500 messages × 100 members" in result.output
    assert "Numbers: the lab's reference runs" in result.output
    assert max(map(len, result.output.splitlines())) <= 120


def test_json_has_the_steps_with_their_bounds(tmp_path: Path) -> None:
    result = lab(*PLAN, "--stack", "python", "--json", "--results", str(tmp_path))
    found = json.loads(result.output)
    assert {row["stack"] for row in found["rows"]} == {"python"}
    plain = next(row for row in found["rows"] if row["transport"] == "websocket")
    assert plain["cores"]["low"] < plain["cores"]["median"] < plain["cores"]["high"]
    assert {step["key"] for step in plain["steps"]} == {"cores", "memory", "month"}
    assert found["plan"]["users"] == 10_000 and found["assumptions"]


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"--users": "0"}, "'--users': 0 is not in the range 1<=x<=1000000000"),
        ({"--rooms": "10001"}, "--rooms: 10001 is out of range: from 1 to 10,000"),
        ({"--rate": "inf"}, "'--rate': inf is not in the range 0<=x<=1000000"),
        ({"--per": "day"}, "'day' is not one of 'user', 'room'"),
        ({"--hours": "25"}, "'--hours': 25.0 is not in the range 0.01<=x<=24"),
    ],
    ids=str,
)
def test_an_impossible_plan_is_named(changed: dict[str, str], named: str) -> None:
    given = dict(zip(PLAN[::2], PLAN[1::2], strict=True)) | changed
    result = lab(*(word for pair in given.items() for word in pair))
    assert result.exit_code == 2
    assert named in " ".join(result.output.split()), result.output


def test_whose_rate_it_is_has_to_be_said() -> None:
    result = lab(*PLAN[:-2])
    assert result.exit_code == 2
    assert "Missing option '--per'" in result.output
