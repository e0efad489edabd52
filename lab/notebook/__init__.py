"""What the notebooks share: served transports, pictures, and texts computed from numbers.

A notebook keeps the reader's guess (`guess`), measures, and shows the result as a `Picture` or as
`Prose` that is computed from the same numbers. `lessons` has what each notebook measures. Only
notebooks and the lesson about the claims import this package.
"""

from __future__ import annotations

from lab.notebook.clients import (
    against_baseline,
    by_client,
    committed,
    medians,
    round_trips,
    shared,
)
from lab.notebook.guess import Expected, Guess, check, guess
from lab.notebook.pictures import Chart, Picture, charts, looks, percentiles, stacks
from lab.notebook.prose import Prose, run_folders, table, verdicts
from lab.notebook.recorded import Recorded, recorded
from lab.notebook.served_transport import ServedTransport, served

__all__ = [
    "Chart",
    "Expected",
    "Guess",
    "Picture",
    "Prose",
    "Recorded",
    "ServedTransport",
    "against_baseline",
    "by_client",
    "charts",
    "check",
    "committed",
    "guess",
    "looks",
    "medians",
    "percentiles",
    "recorded",
    "round_trips",
    "run_folders",
    "served",
    "shared",
    "stacks",
    "table",
    "verdicts",
]
