"""The README: every command in it works."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def commands(name: str) -> list[str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    blocks = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


COMMANDS = commands("README.md")
OURS = [line for line in COMMANDS if line.startswith(".venv/bin/")]
MAKE = [line for line in COMMANDS if line.startswith("make ")]
UNTIL_STOPPED = ("serve", "relay")
"""Subcommands that run until Ctrl-C, once they have said that they are ready."""


def test_no_command_is_left_untried() -> None:
    assert OURS
    assert sorted(OURS + MAKE) == sorted(COMMANDS)


def test_the_korean_readme_has_the_same_commands_in_the_same_order() -> None:
    korean = [shlex.split(line, comments=True) for line in commands("README.ko.md")]
    assert korean == [shlex.split(line, comments=True) for line in COMMANDS]


@pytest.mark.parametrize("command", MAKE)
def test_a_make_target_is_run_by_the_ci_script(command: str) -> None:
    """They provision themselves, and one of them runs this very test: so the script runs them."""
    assert re.search(rf"^{re.escape(command)}\b", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what is in the project, to run in without leaving anything behind."""
    copy = tmp_path_factory.mktemp("checkout")
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.check_output(listed, cwd=ROOT, text=True).splitlines():
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    return copy


@pytest.mark.parametrize("command", OURS)
def test_a_command_works(command: str, checkout: Path) -> None:
    tool, *arguments = shlex.split(command.removeprefix(".venv/bin/"), comments=True)
    module = {"lab": "lab.cli", "pytest": "pytest"}[tool]
    run = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=checkout,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONPATH": str(checkout)},
    )
    assert run.stdout is not None
    if arguments[0] in UNTIL_STOPPED:
        ready = run.stdout.readline()
        run.send_signal(signal.SIGINT)
        output, _ = run.communicate(timeout=60)
        assert "127.0.0.1" in ready
    else:
        output, _ = run.communicate(timeout=300)
        assert output
    assert run.returncode == 0, output
