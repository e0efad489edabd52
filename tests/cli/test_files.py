"""Files that commands write: a folder that is missing, one that can't be written, one that can."""

from __future__ import annotations

import os
from pathlib import Path

import click
import pytest

from lab.cli.files import OUTPUT, RUNS, write


def test_a_path_is_taken_where_its_folder_is(tmp_path: Path) -> None:
    assert OUTPUT.convert(str(tmp_path / "new.json"), None, None) == tmp_path / "new.json"


@pytest.mark.parametrize(
    "name, said", [("missing/new.json", "does not exist"), (".", "is a directory")]
)
def test_any_other_path_is_bad_input(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(click.BadParameter, match=said):
        OUTPUT.convert(str(tmp_path / name), None, None)


@pytest.fixture
def read_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """No folder can be written. Root may write in each, so the system's answer is replaced."""
    monkeypatch.setattr(os, "access", lambda _path, mode: not mode & os.W_OK)


@pytest.mark.usefixtures("read_only")
@pytest.mark.parametrize("kind", [OUTPUT, RUNS])
def test_a_folder_that_can_t_be_written_is_said_before_the_work(
    tmp_path: Path, kind: click.Path
) -> None:
    with pytest.raises(click.BadParameter, match="can't be written"):
        kind.convert(str(tmp_path / "new"), None, None)


def test_the_folder_for_runs_may_be_new(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "new" / "below"):
        assert RUNS.convert(str(folder), None, None) == folder
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_no_place_for_runs(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for name, said in (("file", "is a file"), ("file/below", "can't be written")):
        with pytest.raises(click.BadParameter, match=said):
            RUNS.convert(str(tmp_path / name), None, None)


def test_what_is_written_replaces_what_was_there(tmp_path: Path) -> None:
    for content in (b"first", b"second"):
        write(tmp_path / "file", content)
        assert (tmp_path / "file").read_bytes() == content
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_where_nothing_can_be_written_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(click.ClickException, match="can't be written"):
        write(tmp_path / "taken", b"")
