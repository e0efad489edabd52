"""Reads and writes runs in `results/`. No other package touches these files.

`create` begins a run's folder and returns the `RunWriter` that keeps its passes. `resume` continues
an interrupted run. `load`, `find` and `list_runs` read runs. results/README.md documents the files.
"""

from __future__ import annotations

from lab.environment import Difference
from lab.measure.figures import BY_KEY, FIGURES, Counts, Figure
from lab.record.continued import commit_of, resume
from lab.record.reader import find, list_runs, load, read_pass
from lab.record.run import Reading, Run, unlike
from lab.record.schema import SCHEMA, Benchmark, PassFile, PassInfo, RecordError, RunInfo, Transport
from lab.record.writer import RunWriter, create, save

__all__ = [
    "BY_KEY",
    "FIGURES",
    "SCHEMA",
    "Benchmark",
    "Counts",
    "Difference",
    "Figure",
    "PassFile",
    "PassInfo",
    "Reading",
    "RecordError",
    "Run",
    "RunInfo",
    "RunWriter",
    "Transport",
    "commit_of",
    "create",
    "find",
    "list_runs",
    "load",
    "read_pass",
    "resume",
    "save",
    "unlike",
]
