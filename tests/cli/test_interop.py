"""`lab interop`, as a person runs it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from lab.cli import main
from lab.interop.chromium import VARIABLE
from lab.interop.outcome import Aim, Matrix, State


def lab(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["interop", *arguments], env={"COLUMNS": "120"})


def words(result: Result) -> str:
    """What was printed, without how it was broken into lines."""
    return " ".join(result.output.split())


def test_the_matrix_is_printed_and_written(tmp_path: Path) -> None:
    html, json = tmp_path / "matrix.html", tmp_path / "matrix.json"
    arguments = ("--transports", "loopback,websocket,socketio", "--clients", "websockets")
    result = lab(*arguments, "--html", str(html), "--json", str(json))
    assert result.exit_code == 0, result.output
    said = words(result)
    assert "websocket ✓" in said
    assert "socketio ✗ 404" in said
    assert "socketio ○" in said
    assert "loopback" not in said
    assert f"written: {html}" in said
    matrix = msgspec.json.decode(json.read_bytes(), type=Matrix)
    straight = matrix.cell("socketio", "websockets", Aim.ENGINE_IO)
    assert straight.state is State.CONNECTS
    assert straight.capture is not None
    assert b"EIO=4" in straight.capture.chunks[0].data
    assert "socketio--websockets--engine-io" in html.read_text()


def test_a_missing_browser_is_said_and_the_rest_is_tested(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "gone"))
    result = lab("--transports", "websocket", "--clients", "websockets,chromium-websocket")
    assert result.exit_code == 0, result.output
    said = words(result)
    assert "websocket ✓" in said
    assert "not tested" in said
    assert "apt-get install chromium" in said


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--clients", "pigeon"), "no client pigeon; choose from python-socketio"),
        (("--clients", ""), "no name is given; there are python-socketio"),
        (("--transports", "pigeon"), "no transport pigeon; there are loopback, websocket"),
        (
            ("--transports", "loopback"),
            "no client can connect to loopback: choose a transport with a socket",
        ),
        (("--patience", "0"), "0.5<=x<=120"),
        (("--html", "/nowhere/at/all.html"), "the folder /nowhere/at does not exist"),
        (("--json", "/nowhere/at/all.json"), "the folder /nowhere/at does not exist"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: tuple[str, ...], complaint: str) -> None:
    result = lab(*arguments)
    assert result.exit_code == 2
    assert complaint in words(result)
