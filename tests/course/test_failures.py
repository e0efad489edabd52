"""What keeps a check from its end: one sentence, what to do next, and nothing left running."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner

from lab.cli.course import course
from lab.course import proxy
from lab.course.chapters import start
from lab.course.patience import PATIENCE, STARTING
from lab.course.problem import first_difference, telling_line

REQUIRE = 'import { createRequire } from "node:module"; const require = createRequire("/");\n'
PID = 'require("fs").writeFileSync("pid", String(process.pid));\n'
CASES = {
    "an empty folder": (None, 2, "has no server.mjs: make it by `lab course start`"),
    "a mistake in the syntax": ("const = 1;", 2, "SyntaxError: Unexpected token"),
    "a package that is not there": ("require('not-there')", 2, "Cannot find module 'not-there'"),
    "a server that ends at once": ("", 2, "`node server.mjs` ended with exit code 0"),
    "no port": ("setInterval(() => {}, 1000);", 2, "listen at process.env.PORT ?? 3000"),
    "a taken port": ("require('http').createServer().listen(TAKEN, '127.0.0.1');", 2, "EADDRINUSE"),
    "a crash in the check": (
        "require('http').createServer(() => { throw new TypeError('oh'); })"
        ".listen(process.env.PORT, '127.0.0.1');",
        1,
        "the server ends during the check: expected that it runs on, got its end "
        "with exit code 1: TypeError: oh",
    ),
}


def check(folder: Path, number: str = "6") -> tuple[int, str]:
    done = CliRunner().invoke(course, ["check", number, str(folder)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
    return done.exit_code, done.output


def started(folder: Path) -> list[int]:
    file = folder / "pid"
    return [int(file.read_text())] if file.exists() else []


def test_a_server_that_can_not_be_checked(tmp_path: Path, subtests: pytest.Subtests) -> None:
    token, usual = PATIENCE.set(3.0), STARTING.set(5.0)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        for count, (name, (server, code, says)) in enumerate(CASES.items()):
            with subtests.test(name):
                folder = tmp_path / str(count)
                folder.mkdir()
                if server is not None:
                    text = server.replace("TAKEN", str(taken.getsockname()[1]))
                    (folder / "server.mjs").write_text(REQUIRE + PID + text)
                got, output = check(folder)
                assert says in output
                assert got == code
                assert output.count("the server ends") == (3 if code == 1 else 0)
                assert "Traceback" not in output
                assert not any(psutil.pid_exists(pid) for pid in started(folder))
    PATIENCE.reset(token)
    STARTING.reset(usual)


def test_a_folder_or_a_chapter_that_is_not_there(tmp_path: Path) -> None:
    code, output = check(tmp_path / "none")
    assert (code, "is no folder: make it by `lab course start 6" in output) == (2, True)
    code, output = check(tmp_path, "99")
    assert (code, "1<=x<=10" in output) == (2, True)


def test_nginx_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start(9, tmp_path)
    monkeypatch.setattr(proxy, "ADMIN_PATHS", "")
    monkeypatch.setenv("PATH", str(tmp_path))
    code, output = check(tmp_path, "9")
    assert (code, "nginx is not installed: `apt install nginx`" in output) == (2, True)


def test_nginx_does_not_start(tmp_path: Path) -> None:
    start(9, tmp_path)
    (tmp_path / "chat.conf").write_text("server { listen 127.0.0.1:8443 ssl }")
    code, output = check(tmp_path, "9")
    assert code == 2
    assert """nginx does not start: unexpected "}" in chat.conf:1""" in output
    assert "next: run `nginx -t -p . -c nginx.conf` in your folder" in output


NOT_YET = "setInterval(() => {}, 1000);"
ASKED = "require('net').createServer().listen(process.env.PORT);"


@pytest.mark.parametrize(
    ("number", "server", "ended_by"),
    [("6", NOT_YET, signal.SIGINT), ("6", ASKED, signal.SIGINT), ("9", NOT_YET, signal.SIGTERM)],
    ids=["ctrl-c while it starts", "ctrl-c while it is asked", "sigterm with a certificate made"],
)
def test_a_signal_leaves_nothing(
    number: str, server: str, ended_by: signal.Signals, tmp_path: Path
) -> None:
    folder, made = tmp_path / "mine", tmp_path / "made"
    start(int(number), folder)
    made.mkdir()
    (folder / "server.mjs").write_text(REQUIRE + server + "\n" + PID)
    os.mkfifo(folder / "pid")
    command = [sys.executable, "-m", "lab.cli", "course", "check", number, str(folder)]
    settings = {**os.environ, "TMPDIR": str(made)}
    with subprocess.Popen(
        command, env=settings, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        pid = int((folder / "pid").read_text())  # waits until the server writes it
        if ended_by == signal.SIGTERM:
            assert list(made.iterdir())
        running.send_signal(ended_by)
        _, errors = running.communicate(timeout=60)
    assert running.returncode == 128 + ended_by
    assert b"Traceback" not in errors
    assert not psutil.pid_exists(pid)
    assert not list(made.iterdir())


@pytest.mark.parametrize(
    ("output", "line"),
    [
        ("a\nTypeError: oh\n    at x\nNode.js v20", "TypeError: oh"),
        ("Error [ERR_X]: no\n at y", "Error [ERR_X]: no"),
        ("Traceback\n  File x\nModuleNotFoundError: No module named 'x'", None),
        ("listening\nbye\n", "bye"),
        ("", "it said nothing"),
    ],
    ids=["node", "with a code", "python", "no error", "nothing"],
)
def test_the_line_that_tells(output: str, line: str | None) -> None:
    assert telling_line(output) == (line or output.splitlines()[-1])


def test_the_first_byte_that_differs() -> None:
    assert first_difference(b"HTTP", b"HTXP") == "byte 2 is 58, not 54"
    assert first_difference(b"HTTP", b"HT") == "byte 2 is nothing, not 54"
    assert first_difference(b"HTTP", b"HTTP/1.1") == "the same"


def test_a_folder_that_can_not_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "mine"
    done = CliRunner().invoke(course, ["start", "1", str(folder)])
    assert done.exit_code == 2
    assert done.output == f"Error: {folder} can't be made: Not a directory\n"
