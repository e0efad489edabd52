"""Writes the report of a recorded run into its folder: summary, pictures and the HTML page."""

from __future__ import annotations

from pathlib import Path

import msgspec

from lab.record import Run, save
from lab.report import html
from lab.report.model.summary import summarise
from lab.report.pictures import plots


def publish(run: Run) -> Path:
    """Derive the report from the run's raw passes and write it into the run's folder.

    Writes summary.json, pictures/*.png, pictures/*.svg and report.html, and returns the path of
    report.html. Leaves out a picture whose experiment was not run. Raises RecordError if the folder
    can't be written.
    """
    summary = msgspec.json.format(msgspec.json.encode(summarise(run)), indent=1)
    save(run.folder, "summary.json", summary + b"\n")
    svgs = {}
    for name, draw in plots.PICTURES.items():
        if (canvas := draw(run)) is None:
            continue
        svgs[name] = plots.svg(canvas)
        save(run.folder, f"pictures/{name}.svg", svgs[name])
        save(run.folder, f"pictures/{name}.png", plots.png(canvas))
    return save(run.folder, "report.html", html.page(run, svgs).encode())
