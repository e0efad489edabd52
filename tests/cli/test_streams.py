"""What a terminal's encoding lacks is replaced, on every command and in every encoding."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lab.cli import COMMANDS
from lab.cli import streams as module
from tests.report.factory import Made, make

ENCODINGS = ["ascii", "cp949", "cp1252", "latin-1"]
SMALL = Made(passes=5, transports=("loopback", "websocket"), samples=60)


def lab(encoding: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "lab.cli", *arguments],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": encoding, "COLUMNS": "140"},
        timeout=120,
        check=False,
    )


def words(done: subprocess.CompletedProcess[bytes], encoding: str) -> str:
    """What was written, which is all of that encoding."""
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stderr
    done.stderr.decode(encoding)
    return done.stdout.decode(encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_report_is_shown(encoding: str, tmp_path: Path) -> None:
    run = make(tmp_path, SMALL)
    shown = words(lab(encoding, "report", "--details", "--results", str(tmp_path)), encoding)
    assert run.id in shown
    assert "median [95 % interval]" in shown
    assert "Medians over 5 timed passes" in " ".join(shown.split())


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_claim_is_printed_in_korean(encoding: str) -> None:
    done = lab(encoding, "claims", "handshake", "--korean")
    assert "lab claims NAME --details" in words(done, encoding)
    assert b"???" in done.stdout


@pytest.mark.parametrize("encoding", ["ascii", "cp949"])
def test_a_text_is_traced(encoding: str) -> None:
    done = lab(encoding, "trace", "websocket", "--says", "1", "--text", "naïve 🙂 한글 – µ")
    assert "everything" in words(done, encoding)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_shown(command: str) -> None:
    assert "Usage: " in words(lab("ascii", command, "--help"), "ascii")


def test_what_click_writes_is_replaced_too(tmp_path: Path) -> None:
    done = lab("ascii", "report", "läuft", "--results", str(tmp_path))
    assert done.returncode == 2
    assert b"no run called 'l?uft'" in done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "cp949", "utf-8"])
def test_a_stream_writes_all_that_it_can(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding))
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    module.replace_what_cannot_be_written()
    print("1 µs – 한글 \ud83d", flush=True)
    expected = "1 µs – 한글 \ud83d\n".encode(encoding, errors="replace")
    assert written.getvalue() == expected
