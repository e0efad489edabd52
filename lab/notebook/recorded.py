"""The medians of one of the lab's own runs, for what a notebook can't time itself."""

from __future__ import annotations

from dataclasses import dataclass

from lab import record
from lab.notebook.prose import run_folders
from lab.record import Run
from lab.report.model.summary import summarise


@dataclass(frozen=True)
class Recorded:
    """One of the lab's own runs."""

    run: Run

    def median(self, key: str, label: str) -> float | None:
        """Return a figure's median over passes, in its unit; None: it was not measured."""
        return summarise(self.run).medians(key).get(label)

    def shown(self, key: str, label: str) -> str:
        """Return the median in three digits, or a dash."""
        found = self.median(key, label)
        return "–" if found is None else f"{found:,.0f}" if found >= 1000 else f"{found:.3g}"


def recorded(name: str) -> Recorded:
    """Read the newest run of this name in results/. Raises RecordError: there is none."""
    return Recorded(record.find(None, [run_folders()[0] / name])[0])
