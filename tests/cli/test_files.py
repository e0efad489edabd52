"""Files that commands write: a folder that is missing, one that can't be written, one that can."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from lab.cli.files import OUTPUT, write


def test_a_path_is_taken_where_its_folder_is(tmp_path: Path) -> None:
    assert OUTPUT.convert(str(tmp_path / "new.json"), None, None) == tmp_path / "new.json"


@pytest.mark.parametrize(
    "name, said", [("missing/new.json", "does not exist"), (".", "is a directory")]
)
def test_any_other_path_is_bad_input(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(click.BadParameter, match=said):
        OUTPUT.convert(str(tmp_path / name), None, None)


def test_what_is_written_replaces_what_was_there(tmp_path: Path) -> None:
    for content in (b"first", b"second"):
        write(tmp_path / "file", content)
        assert (tmp_path / "file").read_bytes() == content
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_where_nothing_can_be_written_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(click.ClickException, match="can't be written"):
        write(tmp_path / "taken", b"")
