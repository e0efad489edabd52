"""What people see: tables, plots and the HTML report of a recorded run."""

from __future__ import annotations

from pathlib import Path

import msgspec

from lab.record import Run, save
from lab.report import html, plots
from lab.report.summary import summarise

__all__ = ["publish", "summarise"]


def publish(run: Run) -> Path:
    """Derive everything from the run's raw passes and write it into its folder.

    Writes summary.json, pictures/*.png, pictures/*.svg and report.html, whose path is returned. A
    picture whose experiment was not run is left out.
    Raises RecordError where the folder can't be written.
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
