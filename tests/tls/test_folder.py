"""A folder with keys does not outlive its process for long, however that ends."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from lab.tls.folder import HELD, delete_left, private_folder

PREFIX = "lab-test-"
KILLED = f"""
import os, signal
from lab.tls.folder import private_folder
with private_folder({PREFIX!r}) as folder:
    (folder / "key.pem").write_text("secret")
    print(folder, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where folders are made, here and in other processes."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def test_only_this_user_can_read_it_and_it_is_deleted(scratch: Path) -> None:
    with private_folder(PREFIX) as folder:
        (folder / "key.pem").write_text("secret")
        assert folder.stat().st_mode & 0o077 == 0
        assert folder.parent == scratch
    assert list(scratch.iterdir()) == []


def test_what_a_killed_process_left_is_deleted_by_the_next_one(scratch: Path) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", KILLED], stdout=subprocess.PIPE, text=True, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    left = Path(killed.stdout.strip())
    assert (left / "key.pem").exists(), "otherwise nothing is shown below"
    with private_folder(PREFIX) as folder:
        assert list(scratch.iterdir()) == [folder]


def test_what_is_in_use_or_somebody_else_s_is_left_alone(scratch: Path) -> None:
    (scratch / f"{PREFIX}other").mkdir()
    link = scratch / f"{PREFIX}link"
    link.mkdir()
    (link / HELD).symlink_to(scratch / "elsewhere")
    with private_folder(PREFIX) as folder, private_folder(PREFIX) as another:
        delete_left(PREFIX)
        assert folder.exists() and another.exists()
    assert sorted(each.name for each in scratch.iterdir()) == [f"{PREFIX}link", f"{PREFIX}other"]
