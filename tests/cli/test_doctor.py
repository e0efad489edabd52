"""`lab doctor`, as a person runs it."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from lab.cli import main
from transports import registry


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["doctor", *map(str, arguments)], env={"COLUMNS": "100"})


def test_it_says_what_it_found_and_ends_with_0_where_a_run_is_possible(tmp_path: Path) -> None:
    result = run("--results", tmp_path)
    assert result.exit_code == 0, result.output
    for word in ("other load", "cores", "CPU quota", "clock", "file descriptors", "Node", "uvloop"):
        assert word in result.stdout
    assert f"{len(registry.available())} of {len(registry.TRANSPORTS)} can run" in result.stdout


def test_it_ends_with_1_where_no_run_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = run("--results", tmp_path / "file" / "results", "--json")
    assert result.exit_code == 1
    states = {check["name"]: check["state"] for check in json.loads(result.stdout)}
    assert states["results"] == "impossible"
