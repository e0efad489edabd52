"""`lab judge`, as a person runs it: verdicts, the wrong byte, files, and errors that are said."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lab.cli import main
from lab.judge.websocket.cases import CASES
from tests.judge.echo import echo_server
from tests.judge.running import running

SECRET = "open sesame"


def run(*arguments: str, **variables: str) -> Result:
    return CliRunner().invoke(main, ["judge", *arguments], env=variables, terminal_width=200)


@pytest.fixture(scope="module")
def right() -> Iterator[str]:
    """The URL of a right server."""
    with running(echo_server()) as port:
        yield f"ws://127.0.0.1:{port}/"


@pytest.fixture(scope="module")
def wrong() -> Iterator[str]:
    """The URL of a server whose pongs are empty."""
    with running(echo_server("answers pings without payload")) as port:
        yield f"ws://127.0.0.1:{port}/"


def test_a_right_server_is_ok(right: str) -> None:
    result = run(right, "--echo", "--frame-bytes", "70000")
    assert result.exit_code == 0, result.output
    assert f"{len(CASES)} cases: {len(CASES)} ok, 0 not strict, 0 failed, 0 not asked" in (
        result.stdout
    )


def test_what_is_not_declared_is_not_asked(right: str) -> None:
    result = run(right, "--only", "a text of 125 bytes", "--only", "a text that is too long")
    assert result.exit_code == 0, result.output
    assert "3 cases: 0 ok, 0 not strict, 0 failed, 3 not asked" in result.stdout


def test_a_failure_has_the_wrong_byte_the_clause_and_the_conversation(wrong: str) -> None:
    result = run(wrong, "--only", "a ping with a text")
    assert result.exit_code == 1, result.output
    assert "failed  websocket/pings: a ping with a text  RFC 6455 5.5.2" in result.stdout
    assert "expected:         a pong of 5 bytes, 'hello'" in result.stdout
    assert "got:              a pong of 0 bytes" in result.stdout
    assert "first wrong byte: offset 00000082 of what the server sent: 00" in result.stdout
    assert "→  ping frame, 5 B, masked" in result.stdout
    assert "←  pong frame, 0 B" in result.stdout


def test_the_cases_are_listed_and_nothing_is_sent() -> None:
    result = run("ws://127.0.0.1:1/", "--websocket", "--list")
    assert result.exit_code == 0, result.output
    assert [*map(str.strip, result.stdout.splitlines())] == [
        f"{case.id}  {case.clause}" for case in CASES
    ]


def test_a_pattern_that_fits_no_case_is_an_error(right: str) -> None:
    result = run(right, "--only", "no such case")
    assert result.exit_code == 2
    assert "see --list" in result.stderr


def test_the_results_are_kept_without_secrets(wrong: str, tmp_path: Path) -> None:
    xml, data = tmp_path / "judge.xml", tmp_path / "judge.json"
    arguments = ("--only", "pings", "--only", "pieces", "--header", "X-Token: env:TOKEN")
    result = run(wrong, *arguments, "--junit", str(xml), "--json", str(data), TOKEN=SECRET)
    assert result.exit_code == 1, result.output
    found = json.loads(data.read_text(encoding="utf-8"))
    failed = [case for case in found["cases"] if case["verdict"] == "failed"]
    assert len(failed) == found["counts"]["failed"] > 0
    for case in failed:
        (chunks,) = ["".join(c["data"] for c in case["conversation"] if c["direction"] == "up")]
        sent = bytes.fromhex(chunks)
        assert b"X-Token: ***" in sent
        assert SECRET.encode() not in sent
    suites = ET.fromstring(xml.read_bytes())
    assert sum(int(suite.attrib["failures"]) for suite in suites) == len(failed)
    assert len(suites.findall(".//testcase/failure")) == len(failed)
    assert SECRET not in result.output + xml.read_text(encoding="utf-8")


def test_a_server_that_is_not_there_is_said_in_one_sentence() -> None:
    result = run("ws://127.0.0.1:1/")
    assert result.exit_code == 2
    assert "nothing listens" in result.stderr
    assert "Traceback" not in result.output


def test_a_server_of_another_machine_is_refused() -> None:
    result = run("ws://192.0.2.1/")
    assert result.exit_code == 2
    assert "--i-own 192.0.2.1" in result.stderr
