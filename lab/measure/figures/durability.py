"""The figures of durability: what a journal adds to a message, beside the room in memory.

`memory`: no journal. `normal`, `full`: the journal in SQLite, by its setting `--sync`. Measured in
a room of 100: once in a run, or in each pass if the run has no timed experiment.
"""

from __future__ import annotations

from lab.measure.figures.counts import Counts
from lab.measure.figures.extract import Extract, detail_at, in_us
from lab.measure.figures.figure import Figure

JOURNALS = ("memory", "normal", "full")
WINDOWS = ("1", "16")


def _added(journal: str, window: str) -> Extract:
    kept, bare = in_us(journal, window, "cpu_ns"), in_us("memory", window, "cpu_ns")

    def extract(counts: Counts) -> float | None:
        with_it, without = kept(counts), bare(counts)
        return None if with_it is None or without is None else with_it - without

    return extract


def _share(journal: str, window: str) -> Extract:
    kept, bare = (detail_at(each, window, "messages_per_s") for each in (journal, "memory"))

    def extract(counts: Counts) -> float | None:
        with_it, without = kept(counts), bare(counts)
        return None if with_it is None or not without else 100 * with_it / without

    return extract


def _figure(
    key: str, title: str, unit: str, extract: Extract, column: str, lower_is_better: bool = True
) -> Figure:
    return Figure(
        f"durability_{key}",
        title,
        unit,
        "durability",
        "durability",
        extract,
        lower_is_better=lower_is_better,
        counted=True,
        ratio=False,
        column=column,
    )


def _in_ms(journal: str, window: str, name: str) -> Extract:
    us = in_us(journal, window, name)

    def extract(counts: Counts) -> float | None:
        found = us(counts)
        return None if found is None else found / 1e3

    return extract


def _of(journal: str, window: str) -> tuple[Figure, ...]:
    where = f"{journal}, {window} in flight"
    head = f"{journal},\n{window} in\nflight"
    key = f"{journal}_{window}"
    every = (
        _figure(
            f"{key}_cpu_us",
            f"server CPU per message, {where}",
            "µs",
            in_us(journal, window, "cpu_ns"),
            f"{head}\nCPU µs",
        ),
        _figure(
            f"{key}_p50_ms",
            f"until all have a message, p50, {where}",
            "ms",
            _in_ms(journal, window, "p50_ns"),
            f"{head}\np50 ms",
        ),
        _figure(
            f"{key}_p99_ms",
            f"until all have a message, p99, {where}",
            "ms",
            _in_ms(journal, window, "p99_ns"),
            f"{head}\np99 ms",
        ),
    )
    if journal == "memory":
        return every
    return (
        *every,
        _figure(
            f"{key}_added_us",
            f"server CPU per message that the journal adds, {where}",
            "µs",
            _added(journal, window),
            f"{head}\nadded µs",
        ),
        _figure(
            f"{key}_share",
            f"messages per second, of those in memory, {where}",
            "%",
            _share(journal, window),
            f"{head}\n% of\nmemory",
            lower_is_better=False,
        ),
        _figure(
            f"{key}_per_commit",
            f"entries in a commit, {where}",
            "",
            detail_at(journal, window, "per_commit"),
            f"{head}\nper\ncommit",
            lower_is_better=False,
        ),
    )


DURABILITY: tuple[Figure, ...] = tuple(
    figure for window in WINDOWS for journal in JOURNALS for figure in _of(journal, window)
)
