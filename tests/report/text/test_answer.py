"""The README's answer comes only from the run's numbers and verdicts."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from lab.report.text.answer import COLUMNS, markdown
from tests.report.factory import Made, make

FOLDER = PurePosixPath("results/reference/one")


def test_every_transport_has_a_row_and_every_measured_figure_a_column(tmp_path: Path) -> None:
    run = make(tmp_path, Made())
    text = markdown(run, FOLDER)
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == run.transports
    assert COLUMNS["rtt_p50_us"] in text
    assert f"({FOLDER}/pictures/transports.png)" in text
    assert f"[`{run.id}`]({FOLDER}/run.json)" in text


def test_what_was_not_measured_is_not_mentioned(tmp_path: Path) -> None:
    text = markdown(make(tmp_path, Made()), FOLDER)
    assert COLUMNS["delivery_bytes"] not in text


def test_with_too_few_passes_no_difference_is_claimed(tmp_path: Path) -> None:
    text = markdown(make(tmp_path, Made(passes=2)), FOLDER)
    assert "too few passes" in text
    assert "(slower)" not in text
    assert "(faster)" not in text


def test_a_void_figure_is_said_to_be_void(tmp_path: Path) -> None:
    text = markdown(make(tmp_path, Made(lost={"socketio-polling": 2}, samples=100)), FOLDER)
    row = next(line for line in text.splitlines() if line.startswith("| `socketio-polling`"))
    assert "void (lost" in row
