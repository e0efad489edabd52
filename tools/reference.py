"""Makes the packaged reference, lab/answer/reference.json, from the committed runs."""

from __future__ import annotations

from pathlib import Path

from lab.answer import extract
from lab.answer.reference import FILE, Reference, encode, kept_figures
from lab.record import Run, list_runs

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "lab" / "answer" / FILE
SOURCES = ("reference", "in-node", "in-a-browser", "tuned", "one-way")
"""Folders of `results/`, the preferred one first. In each, a newer run goes before an older one."""


def made() -> bytes:
    """The content of the file, from the runs as they are now."""
    runs: list[Run] = []
    for folder in SOURCES:
        found, problems = list_runs([ROOT / "results" / folder])
        assert not problems, problems
        runs += reversed(found)
    return encode(Reference([extract.measurements(run, kept_figures()) for run in runs]))


def write() -> None:
    """Write the file, and name it."""
    REFERENCE.write_bytes(made())
    print(REFERENCE.relative_to(ROOT))
