"""`lab choose`: by options, by questions, as JSON; impossible numbers; nobody who could answer."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lab.bilingual import Language
from lab.choose.needs import FIELDS
from lab.cli import main
from lab.cli.choose import prompt
from tests.claims.korean import is_korean
from tests.report.factory import Made, make

LIVE_EVENT = [
    *("--server", "python", "--members", "10000", "--rooms", "1", "--rate", "5"),
    *("--features", "rooms,recovery"),
]
PATIENCE_S = 60


def lab(*arguments: str, results: Path | None = None) -> Result:
    where = ["--results", str(results)] if results else []
    return CliRunner().invoke(main, ["choose", *arguments, *where], env={"COLUMNS": "100"})


def test_options_give_a_recommendation_with_its_commands(tmp_path: Path) -> None:
    result = lab(*LIVE_EVENT, results=tmp_path)
    assert result.exit_code == 0, result.output
    assert "Take plain WebSocket (websocket in the lab)." in result.output
    assert "      lab bench --experiment fan_out --transports" in result.output
    assert "Numbers: the lab's reference runs" in result.output


def test_the_answer_is_in_korean_if_asked_for(tmp_path: Path) -> None:
    for option in ("--language", "--lang"):
        result = lab(*LIVE_EVENT, option, "ko", results=tmp_path)
        assert result.exit_code == 0, result.output
        assert "추천: 순수 WebSocket(실험실의 websocket)." in result.output
        assert "      lab bench --experiment fan_out --transports" in result.output
        assert "수치: 실험실의 기준 실행" in result.output
    values = json.loads(lab(*LIVE_EVENT, "--language", "ko", "--json", results=tmp_path).output)
    assert values["recommendation"] == "순수 WebSocket"


def test_the_questions_are_in_korean_too() -> None:
    for field in FIELDS.values():
        assert is_korean(prompt(field).of(Language.KOREAN))


def test_json_has_the_same(tmp_path: Path) -> None:
    values = json.loads(lab(*LIVE_EVENT, "--json", results=tmp_path).output)
    assert values["transport"] == "websocket"
    assert values["needs"]["features"] == ["rooms", "recovery"]
    assert values["changes"]


def test_the_numbers_come_from_a_run_of_the_users(tmp_path: Path) -> None:
    run = make(tmp_path, Made())
    for arguments in ([], ["--run", run.id]):
        result = lab("--server", "python", *arguments, results=tmp_path)
        assert f"your run {run.id}" in result.output.replace("\n", " "), result.output
    missing = lab("--server", "python", "--run", "missing", results=tmp_path)
    assert missing.exit_code == 2
    assert "no run called 'missing'" in missing.output


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--members", "0"], "'--members': 0 is not in the range 1<=x<=10000000"),
        (["--rate", "-1"], "'--rate': -1.0 is not in the range 0"),
        (["--rate", "nan"], "'--rate': nan is not a finite number"),
        (["--connect-ms", "0"], "'--connect-ms': 0.0 is not in the range 1"),
        (["--rtt-ms", "far"], "'--rtt-ms': 'far' is not a valid float"),
        (["--members", "10000000", "--rooms", "1000"], "at most 1,000,000,000"),
        (["--features", "rooms,magic"], "'magic' is not one of rooms, acks, recovery, none"),
        (["--features", "rooms,none"], "none stands alone"),
        (["--server", "perl"], "'perl' is not one of 'node', 'python', 'other'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_an_impossible_answer_is_named(arguments: list[str], named: str) -> None:
    result = lab(*arguments)
    assert result.exit_code == 2
    assert named in " ".join(result.output.split()), result.output


def test_without_options_and_without_a_terminal_the_options_are_listed() -> None:
    result = lab()
    assert result.exit_code == 2
    for name in FIELDS:
        assert f"--{name.replace('_', '-')}" in result.output


def test_none_means_no_limit_and_nothing_needed(tmp_path: Path) -> None:
    values = json.loads(
        lab("--features", "none", "--bundle-kb", "none", "--json", results=tmp_path).output
    )
    assert (values["needs"]["features"], values["needs"]["bundle_kb"]) == ([], None)


def test_on_a_terminal_six_questions_are_asked(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    program = subprocess.Popen(
        [sys.executable, "-m", "lab.cli", "choose", "--results", str(tmp_path)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    answers = [
        "python",
        "page",
        "both",
        "0",
        "10000",
        "1",
        "5",
        "no",
        "rooms",
        "none",
        "none",
        "20",
    ]
    os.write(ours, "".join(f"{answer}\n" for answer in answers).encode())
    shown = read_all(ours)
    assert program.wait(PATIENCE_S) == 0, shown
    for number in range(1, 7):
        assert f"{number} of 6" in shown
    assert "0 is not in the range 1<=x<=10000000" in shown
    assert "Take plain WebSocket" in shown


def read_all(descriptor: int) -> str:
    """What a terminal shows until its program ends."""
    found = b""
    while select.select([descriptor], [], [], PATIENCE_S)[0]:
        try:
            part = os.read(descriptor, 65536)
        except OSError:  # Linux: the other end of the terminal is closed
            break
        found += part
        if not part:
            break
    os.close(descriptor)
    return found.decode()
