"""The picture of a link's calibration: each network beside what it was set to."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from lab import record
from lab.measure.figures.link import EXPERIMENT
from lab.record import Run
from lab.report.pictures import plots
from tests.report.factory import ENVIRONMENT, make
from tests.report.pictures.test_cost import entry
from tests.report.pictures.test_plots import drawn, legible, nothing_overlaps, texts

TRIPS = {"rtt-10ms": 10.2, "rtt-50ms": 49.9}
LOSSES = {"loss-5%": (5.04, 4.9), "loss-5%-bursts-of-4": (4.9, 5.1)}


def calibrated(folder: Path) -> Run:
    entries = [
        entry(label, EXPERIMENT, "rtt", detail={"set_ms": round(ms), "p50_ms": ms, "p99_ms": 99})
        for label, ms in TRIPS.items()
    ]
    entries += [
        entry(label, EXPERIMENT, "loss", detail={"set": 5, "up": up, "down": down, "uncounted": 0})
        for label, (up, down) in LOSSES.items()
    ]
    labels = [*TRIPS, *LOSSES]
    writer = record.create(
        folder,
        "link",
        transports={label: {} for label in labels},
        seed=1,
        planned_passes=1,
        environment=ENVIRONMENT,
    )
    writer.add_pass(json.dumps({"benchmarks": entries}).encode(), order=labels, seconds=1)
    return writer.finish()


def test_each_network_is_drawn_at_its_difference(tmp_path: Path) -> None:
    canvas = drawn("calibration", calibrated(tmp_path))
    nothing_overlaps(canvas)
    legible(canvas)
    shown = texts(canvas)
    assert [label for label in (*TRIPS, *LOSSES) if label not in shown] == []
    points = {
        line.get_label(): np.round(line.get_xdata(), 3).tolist()  # type: ignore[arg-type]
        for ax in canvas.axes
        for line in ax.lines
    }
    assert points["p50"] == [0.2, -0.1]
    assert points["up"] == [0.04, -0.1]
    assert points["down"] == [-0.1, 0.1]


def test_another_run_has_no_such_picture(tmp_path: Path) -> None:
    run = make(tmp_path)
    assert plots.PICTURES["calibration"](run) is None
    assert plots.PICTURES["loss"](run) is None
