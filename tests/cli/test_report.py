"""`lab report`, as a person uses it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lab.cli import main
from tests.report.factory import Made, begin, make

SMALL = Made(passes=5, transports=("loopback", "websocket", "socketio"), samples=60)


@pytest.fixture(autouse=True)
def _piped(monkeypatch: pytest.MonkeyPatch) -> None:
    """As wide as a pipe is by default, whatever the tests' own terminal is."""
    monkeypatch.delenv("COLUMNS", raising=False)


def lab(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


def test_the_newest_run_is_shown_and_its_page_is_written(tmp_path: Path) -> None:
    make(tmp_path, SMALL)
    newest = make(tmp_path, SMALL)
    result = lab("report", "--results", tmp_path)
    assert result.exit_code == 0, result.output
    assert newest.id in result.output
    page = Path(result.output.splitlines()[-1].removeprefix("report: "))
    assert page == newest.folder / "report.html"
    assert page.read_text().startswith("<!doctype html>")


def test_the_tables_come_with_the_details(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, SMALL)
    monkeypatch.setenv("COLUMNS", "80")
    shown = lab("report", "--results", tmp_path).stdout.splitlines()
    detailed = lab("report", "--details", "--results", tmp_path).stdout.splitlines()
    assert len(shown) <= 24
    assert shown[:-2] == detailed[: len(shown) - 2], "the answer comes first"
    assert "All tables" in shown[-2]
    assert not [line for line in shown if "saturated" in line]
    assert [line for line in detailed if "saturated" in line]


def test_everything_is_derived_anew_from_the_raw_passes(tmp_path: Path) -> None:
    run = make(tmp_path, SMALL)
    assert lab("report", run.id, "--results", tmp_path).exit_code == 0
    derived = [run.folder / "summary.json", run.folder / "pictures/answer.svg"]
    first = [path.read_bytes() for path in derived]
    for path in derived:
        path.write_text("tampered with")
    assert lab("report", run.id, "--results", tmp_path).exit_code == 0
    assert [path.read_bytes() for path in derived] == first


def test_without_runs_of_ones_own_the_reference_is_shown(tmp_path: Path) -> None:
    reference = make(tmp_path / "reference", SMALL)
    assert reference.id in lab("report", "--results", tmp_path).output


@pytest.mark.parametrize("command", [("report", "nope"), ("compare", "nope", "nope")])
def test_an_unknown_run_lists_what_exists(tmp_path: Path, command: tuple[str, ...]) -> None:
    run = make(tmp_path, SMALL)
    result = lab(*command, "--results", tmp_path)
    assert result.exit_code == 2
    assert f"'nope'; existing runs: {run.id}" in result.output


def test_without_any_run_the_way_to_one_is_named(tmp_path: Path) -> None:
    result = lab("report", "--results", tmp_path)
    assert result.exit_code == 2
    assert "lab bench" in result.output


def test_a_damaged_run_is_named_on_stderr_and_the_rest_is_shown(tmp_path: Path) -> None:
    good, bad = make(tmp_path, SMALL), make(tmp_path, SMALL)
    (bad.folder / "run.json").write_text('{"schema": 9}')
    result = lab("report", "--results", tmp_path)
    assert result.exit_code == 0
    assert f"skipped: {bad.folder / 'run.json'}: schema 9" in result.stderr
    assert good.id in result.stdout


def test_a_partial_run_is_shown_as_such(tmp_path: Path) -> None:
    from tests.report.factory import pass_json

    writer = begin(tmp_path, SMALL)
    writer.add_pass(pass_json(SMALL, 1), order=SMALL.transports, seconds=1)
    result = lab("report", "--results", tmp_path)
    assert "1 of 5 passes · PARTIAL" in result.output


def test_a_page_that_cannot_be_written_is_said_after_the_answer(tmp_path: Path) -> None:
    run = make(tmp_path, SMALL)
    (run.folder / "pictures").write_text("a file in its place")
    result = lab("report", "--results", tmp_path)
    assert result.exit_code == 1
    assert "On Python" in result.stdout
    assert "can't be written" in result.stderr


@pytest.mark.parametrize("at", [".", "run.json", "environment.json"])
def test_a_run_is_known_by_its_folder_and_by_a_file_in_it(tmp_path: Path, at: str) -> None:
    run = make(tmp_path, SMALL)
    result = lab("report", run.folder / at, "--results", tmp_path / "none")
    assert result.exit_code == 0, result.output
    assert run.id in result.stdout


@pytest.mark.parametrize("name", ["", "no/such/run.json", "a" * 5000])
def test_what_is_no_path_of_a_run_is_no_run(tmp_path: Path, name: str) -> None:
    result = lab("report", name, "--results", tmp_path)
    assert result.exit_code == 2
    assert "no run called" in result.output


@pytest.mark.parametrize("columns", [90, 160, 240])
def test_a_piped_report_is_as_wide_as_columns_says(
    tmp_path: Path, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, SMALL)
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = lab("report", "--details", "--results", tmp_path).stdout.splitlines()
    legend = next(line for line in lines if line.startswith("Medians over"))
    assert columns - 20 < len(legend) <= columns


@pytest.mark.parametrize("columns", [80, 90, 100, 110])
def test_a_table_that_is_too_wide_uses_all_the_width_there_is(
    tmp_path: Path, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, SMALL)
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = lab("report", "--details", "--results", tmp_path).stdout.splitlines()
    rules = [len(line.rstrip()) for line in lines if line.strip(" ─") == "" and "─" in line]
    assert max(len(line) for line in lines if "report: " not in line) <= columns
    assert max(rules) >= columns - 2
