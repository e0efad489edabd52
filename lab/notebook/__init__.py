"""What the notebooks share: above everything that measures, between its numbers and a reader.

A notebook takes a wire that is served (`served`), puts questions to it, and shows what it found as
a `Picture` or as `Prose` that is worked out from the same numbers. Only notebooks import this.
"""

from __future__ import annotations

from lab.notebook.clients import against_baseline, by_client, committed, medians, shared
from lab.notebook.line import Line, served
from lab.notebook.pictures import Chart, Picture, charts, looks, percentiles, stacks
from lab.notebook.prose import Prose, run_folders, table, verdicts

__all__ = [
    "Chart",
    "Line",
    "Picture",
    "Prose",
    "against_baseline",
    "by_client",
    "charts",
    "committed",
    "looks",
    "medians",
    "percentiles",
    "run_folders",
    "served",
    "shared",
    "stacks",
    "table",
    "verdicts",
]
