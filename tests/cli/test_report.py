"""`lab report` and `lab compare`, as a person uses them."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lab.cli import main
from lab.record import Run
from tests.report.factory import Made, begin, make

SMALL = Made(passes=5, wires=("loopback", "websocket", "socketio"), samples=60)


def lab(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


def smaller(seed: int, **scale: float) -> Made:
    return Made(passes=6, wires=SMALL.wires, samples=100, seed=seed, scale=scale)


def test_the_newest_run_is_shown_and_its_page_is_written(tmp_path: Path) -> None:
    make(tmp_path, SMALL)
    newest = make(tmp_path, SMALL)
    result = lab("report", "--results", tmp_path)
    assert result.exit_code == 0, result.output
    assert newest.id in result.output
    page = Path(result.output.splitlines()[-1].removeprefix("report: "))
    assert page == newest.folder / "report.html"
    assert page.read_text().startswith("<!doctype html>")


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
    writer.add_pass(pass_json(SMALL, 1), order=SMALL.wires, seconds=1)
    result = lab("report", "--results", tmp_path)
    assert "1 of 5 passes · PARTIAL" in result.output


def test_a_page_that_cannot_be_written_is_said_after_the_tables(tmp_path: Path) -> None:
    run = make(tmp_path, SMALL)
    (run.folder / "pictures").write_text("a file in its place")
    result = lab("report", "--results", tmp_path)
    assert result.exit_code == 1
    assert "median [95 % interval]" in result.stdout
    assert "can't be written" in result.stderr


def sections(output: str) -> tuple[str, str]:
    """What differs, and what doesn't."""
    differs, _, alike = output.partition("These do not")
    return differs, alike


def test_compare_tells_real_differences_from_apparent_ones(tmp_path: Path) -> None:
    before = make(tmp_path, smaller(1))
    after = make(tmp_path, smaller(2, socketio=0.7))
    result = lab("compare", after.id, before.id, "--results", tmp_path)
    assert result.exit_code == 0, result.output
    differs, alike = sections(result.output)
    rows = [line for line in differs.splitlines() if "×" in line]
    assert len(rows) == 12
    assert all("socketio" in line and "faster" in line for line in rows)
    assert "websocket" in alike and "no detectable difference" in alike


def test_equal_runs_do_not_differ(tmp_path: Path) -> None:
    one, two = make(tmp_path, smaller(1)), make(tmp_path, smaller(1))
    result = lab("compare", one.id, two.id, "--results", tmp_path)
    assert "No figure differs detectably." in result.output


def other_settings(tmp_path: Path) -> tuple[Run, Run]:
    stock = Made(passes=5, wires=SMALL.wires, samples=60, settings="stock")
    return make(tmp_path, SMALL), make(tmp_path, stock)


def test_unlike_runs_are_refused_with_the_reason(tmp_path: Path) -> None:
    one, two = other_settings(tmp_path)
    result = lab("compare", one.id, two.id, "--results", tmp_path)
    assert result.exit_code == 2
    assert "settings: equal against stock" in result.output
    assert "--unlike" in result.output
    assert "×" not in result.output


def test_unlike_runs_are_compared_if_told_to(tmp_path: Path) -> None:
    one, two = other_settings(tmp_path)
    result = lab("compare", one.id, two.id, "--unlike", "--results", tmp_path)
    assert result.exit_code == 0
    assert "unlike: settings: equal against stock" in result.stderr
    assert "×" in result.stdout


def test_what_cannot_be_compared_is_said(tmp_path: Path) -> None:
    lossy = Made(passes=5, wires=("websocket", "socketio"), samples=60, lost={"socketio": 1})
    one, two = make(tmp_path, SMALL), make(tmp_path, lossy)
    result = lab("compare", one.id, two.id, "--results", tmp_path)
    assert "not compared: deliveries, room of 10 of socketio: void (lost 5)" in result.output
    assert f"only in {one.id}: loopback" in result.output
