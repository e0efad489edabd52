"""What a run says about a target under a scenario's load."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from lab.measure import histogram
from lab.measure.figures import BY_KEY, Counts
from lab.measure.figures.scenario import EXPERIMENT
from lab.measure.histogram import Histogram
from lab.record import Run

PERCENTILES = (50, 90, 99, 100)


class Row(msgspec.Struct, frozen=True):
    """One distribution: its name and its samples.

    `uncorrected`: as a closed loop would report the row above. `handshake`: of connecting.
    """

    name: str
    samples: Histogram
    uncorrected: bool = False
    handshake: bool = False

    def ms(self) -> list[float]:
        """The `PERCENTILES` in ms."""
        return [ns / 1e6 for ns in self.samples.percentiles_ns(PERCENTILES)]


class Loaded(msgspec.Struct, frozen=True):
    """The load of one target, over the run's valid passes."""

    name: str
    target: str
    passes: list[dict[str, Any]]
    rows: list[Row]
    counts: list[Counts]

    def total(self, key: str) -> int:
        """A count over all passes."""
        return sum(int(each[key]) for each in self.passes)

    def mean(self, key: str) -> float:
        """The mean of a number over the passes."""
        return sum(float(each[key]) for each in self.passes) / len(self.passes)

    def first(self, key: str) -> Any:
        """The first value of a key that is not empty; None: there is none."""
        return next((each[key] for each in self.passes if each[key]), None)

    @property
    def latencies(self) -> list[Row]:
        """The rows of answers and deliveries."""
        return [row for row in self.rows if not row.handshake]

    @property
    def void(self) -> str | None:
        """Why nothing counts; None: it counts."""
        return next((each.void for each in self.counts if each.void), None)


def loaded(run: Run) -> Loaded | None:
    """What the run says about a target; None if it is none of `lab load`."""
    constants = run.info.constants
    whole = list(_of(run, "load"))
    if not whole:
        return None
    name = whole[0].transport
    return Loaded(
        name=name,
        target=str(constants.get("target", "")),
        passes=[each.detail or {} for each in whole],
        rows=list(_rows(run, name)),
        counts=whole,
    )


def _of(run: Run, measure: str) -> Iterator[Counts]:
    for each in run.passes.values():
        for benchmark in each.benchmarks:
            info = benchmark.extra_info
            if (info.experiment, info.measure) == (EXPERIMENT, measure):
                yield info


def _rows(run: Run, name: str) -> Iterator[Row]:
    for measure, title in (("answer", "answer"), ("delivery", "delivery to the last client")):
        merged = run.merged(name, BY_KEY[f"{measure}_p50_ms"])
        if merged.count:
            yield Row(title, merged)
            uncorrected = _uncorrected(run, measure)
            if uncorrected.count:
                yield Row("  as a closed loop would report it", uncorrected, uncorrected=True)
    for key, title in (("connect_p50_ms", "connect"), ("join_p50_ms", "connect and setup")):
        merged = run.merged(name, BY_KEY[key])
        if merged.count:
            yield Row(title, merged, handshake=True)


def _uncorrected(run: Run, measure: str) -> Histogram:
    details = (one.detail or {} for one in _of(run, measure) if one.valid)
    texts = (each.get("uncorrected_hdr") for each in details)
    return histogram.merge(histogram.decode(text) for text in texts if text)
