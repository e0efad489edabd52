"""The only door to `results/`: below the benchmarks that write runs, above everything shown.

`create` begins a run's folder and gives the `RunWriter` that the passes go through, `resume` takes
up an interrupted one; `load`, `find` and `list_runs` read finished ones. The files themselves are
documented in results/README.md.
"""

from __future__ import annotations

from lab.measure.figures import FIGURES, Counts, Figure
from lab.record.continued import commit_of, resume
from lab.record.reader import find, list_runs, load, read_pass
from lab.record.run import Reading, Run, unlike
from lab.record.schema import SCHEMA, PassInfo, RecordError, RunInfo, Wire
from lab.record.writer import RunWriter, create, save

__all__ = [
    "FIGURES",
    "SCHEMA",
    "Counts",
    "Figure",
    "PassInfo",
    "Reading",
    "RecordError",
    "Run",
    "RunInfo",
    "RunWriter",
    "Wire",
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
