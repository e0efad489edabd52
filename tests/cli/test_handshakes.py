"""`lab handshake-errors`, as a person runs it: tables, bytes, files, and errors that are said."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lab.cli import main
from lab.contract import Capability
from lab.handshakes.cases import CASES
from transports import registry

ONE = next(
    name
    for name in registry.available()
    if Capability.WEBSOCKET in registry.load(name).capabilities
)
NO_SOCKET = next(
    name
    for name in registry.available()
    if Capability.HTTP_1 not in registry.load(name).capabilities
)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["handshake-errors", *arguments], terminal_width=200)


def test_every_case_is_shown_with_its_legend_and_the_count() -> None:
    result = run("--transports", ONE)
    assert result.exit_code == 0, result.output
    for case in CASES.values():
        assert re.search(rf"^{re.escape(case.wrong)} ", result.stdout, re.MULTILINE), case.name
    assert "101 kept" in result.stdout
    assert "kept: " in result.stdout
    assert re.search(r'closed" holds for \d+ of \d+', result.stdout)


def test_the_library_alone_is_asked_unless_transports_are_named() -> None:
    assert "python-socketio alone" not in run("--transports", ONE, "--case", "post").stdout
    both = run("--transports", ONE, "--alone", "--case", "post")
    assert both.exit_code == 0, both.output
    assert "python-socketio alone" in both.stdout


def test_one_case_is_shown_in_the_servers_words_beside_the_control() -> None:
    result = run("--transports", ONE, "--case", "post")
    assert result.exit_code == 0, result.output
    assert "POST (post; RFC 6455" in result.stdout
    assert "nothing (right; " in result.stdout
    assert "EIO" not in result.stdout


def test_the_bytes_of_a_case_are_shown_with_what_they_mean() -> None:
    result = run("--transports", ONE, "--case", "post", "--trace", "--full")
    assert result.exit_code == 0, result.output
    assert re.search(r"→  POST / ", result.stdout)
    assert re.search(r"←  4\d\d ", result.stdout)
    assert "50 4f 53 54 20" in result.stdout
    assert "→  GET " not in result.stdout.partition("←")[0], "the control is not among them"


def test_what_was_found_can_be_kept(tmp_path: Path) -> None:
    data, page = tmp_path / "found.json", tmp_path / "found.html"
    result = run("--transports", ONE, "--case", "no-key", "--json", str(data), "--html", str(page))
    assert result.exit_code == 0, result.output
    found = json.loads(data.read_text(encoding="utf-8"))
    assert found["version"] == 1
    assert {*found["cases"]} == {*CASES}
    (server,) = found["servers"]
    assert server["name"] == ONE
    assert server["answers"]["right"]["status"] == 101
    assert {*server["answers"]} == {"right", "no-key"}
    assert "no key" in page.read_text(encoding="utf-8")


def test_tables_for_a_document_are_all_that_is_printed() -> None:
    result = run("--transports", ONE, "--markdown")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert [line for line in lines if not line.startswith("|")] == ["", "**Servers: core**", ""]
    assert f"| what is wrong | `{ONE}` |" in lines


@pytest.mark.parametrize(
    "arguments, said",
    [
        (("--case", "no-such-case"), "no-such-case"),
        (("--transports", "no-such-transport"), "no-such-transport"),
        (("--transports", NO_SOCKET, "--no-alone"), f"{NO_SOCKET} has no room or does not"),
        (("--trace",), "add --case"),
        (("--json", "/no/such/folder/x.json"), "does not exist"),
        (("--html", "/no/such/folder/x.html"), "does not exist"),
        (("--patience", "0"), "patience"),
    ],
)
def test_bad_input_is_said_before_anything_is_asked(arguments: tuple[str, ...], said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in result.output
