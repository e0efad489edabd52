"""Warnings about a run's noise: outliers, and the load of other programs."""

from __future__ import annotations

from pathlib import Path

from lab.report.model import noise
from lab.report.model.summary import summarise
from tests.report.factory import Made, begin, pass_json


def test_a_disturbed_pass_is_named_with_its_worst_value() -> None:
    quiet = dict.fromkeys(range(1, 7), 10.0)
    (line,) = noise.outliers(
        {"a": quiet | {3: 31.0}, "b": quiet | {3: 16.0}, "c": quiet | {5: 4.0}}
    )
    assert line.startswith("3 values lie more than 50% from their median over passes")
    assert "(farthest: a in pass 3, +210%; most of them, 2, in pass 3)" in line
    assert line.endswith("run again, or with more passes")


def test_what_is_near_enough_or_of_too_few_passes_is_no_outlier() -> None:
    assert noise.outliers({"a": dict.fromkeys(range(1, 7), 10.0) | {3: 14.9}}) == []
    assert noise.outliers({"a": {1: 1.0, 2: 1.0, 3: 1.0, 4: 9.0}}) == []
    assert noise.outliers({"nothing": dict.fromkeys(range(1, 7), 0.0)}) == []
    assert noise.outliers({}) == []


def test_other_programs_are_reported_with_their_worst_pass() -> None:
    (line,) = noise.other_load({1: 0.02, 2: 0.3, 3: 0.75})
    assert line == (
        "other programs were at work in 2 of 3 passes (most: pass 3, 0.75 of a core): "
        "close them and run again"
    )
    assert noise.other_load({1: 0.1, 2: 0.0}) == []
    assert noise.other_load({}) == []


def test_the_load_of_others_is_stored_with_each_pass_and_reported_for_the_run(
    tmp_path: Path,
) -> None:
    made = Made(passes=2, transports=("websocket",), samples=50)
    writer = begin(tmp_path, made)
    for index, others in ((1, 0.0), (2, 0.5)):
        raw = pass_json(made, index)
        writer.add_pass(raw, order=made.transports, seconds=1, other_load_cores=others)
    run = writer.finish()
    assert [one.other_load_cores for one in run.info.passes] == [0.0, 0.5]
    told = [line for line in summarise(run).warnings if "other programs" in line]
    assert len(told) == 1
    assert "in 1 of 2 passes" in told[0]
