"""A run as the reports see it: the values of each figure per wire and valid pass."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from lab import environment as environment_
from lab.measure import histogram
from lab.measure.figures import FIGURES, Counts, Figure
from lab.measure.histogram import Floats, Histogram, Ints
from lab.measure.process import Side
from lab.record.schema import PassFile, PassInfo, RecordError, RunInfo


@dataclass(frozen=True, slots=True)
class Reading:
    """One figure of one wire in one pass. `value` is in the figure's unit, None where lost > 0.

    `caveat`: why the value is not what the figure's title says; see `Figure`.
    """

    pass_index: int
    value: float | None
    lost: int
    saturated: Side
    caveat: str | None = None


class Run:
    """A loaded run; immutable. `passes` holds the valid passes by index, in their order."""

    def __init__(
        self,
        folder: Path,
        info: RunInfo,
        environment: dict[str, Any],
        passes: dict[int, PassFile],
    ) -> None:
        self.folder = folder
        self.info = info
        self.environment = environment
        self.passes = passes
        # Of all figures now, so that a run whose histograms are damaged is not half shown.
        self._readings = {
            (wire, figure.key): list(self._extract(wire, figure))
            for wire in info.wires
            for figure in FIGURES
        }

    @property
    def id(self) -> str:
        return self.info.id

    @property
    def wires(self) -> list[str]:
        """The wires' names, in the order to show them."""
        return list(self.info.wires)

    @property
    def void_passes(self) -> list[PassInfo]:
        """The passes that don't count."""
        return [each for each in self.info.passes if each.void is not None]

    def readings(self, wire: str, figure: Figure) -> list[Reading]:
        """The figure in each valid pass that measured it; KeyError for an unknown wire."""
        return self._readings[wire, figure.key]

    def values(self, wire: str, figure: Figure) -> dict[int, float]:
        """Pass index -> value in the figure's unit, of the passes in which nothing was lost."""
        found = ((each.pass_index, each.value) for each in self.readings(wire, figure))
        return {index: value for index, value in found if value is not None}

    def merged(self, wire: str, figure: Figure) -> Histogram:
        """The samples behind a figure, of all valid passes in which nothing was lost."""
        counts = (one for _, one in self._counts(wire, figure) if not one.lost)
        return histogram.merge(histogram.decode(c.samples_hdr) for c in counts if c.samples_hdr)

    def percentile_curve(self, wire: str, figure: Figure) -> tuple[Floats, Ints]:
        """`(percentile, ns)` of `merged`, both ascending; empty arrays without samples."""
        return self.merged(wire, figure).percentile_curve()

    def details(self, wire: str, figure: Figure) -> list[dict[str, Any]]:
        """What a picture needs beyond numbers: the detail behind a figure, of each valid pass."""
        return [one.detail for _, one in self._counts(wire, figure) if one.detail is not None]

    def encoded_histograms(self) -> dict[str, str]:
        """Benchmark name -> its samples of all valid passes, encoded: `histograms.json`."""
        texts: dict[str, list[str]] = {}
        for each in self.passes.values():
            for benchmark in each.benchmarks:
                if benchmark.extra_info.samples_hdr:
                    texts.setdefault(benchmark.name, []).append(benchmark.extra_info.samples_hdr)
        return {
            name: histogram.encode(histogram.merge(map(histogram.decode, found)))
            for name, found in texts.items()
        }

    @cached_property
    def machine_warnings(self) -> list[str]:
        """What about the machine made this run noisy."""
        return environment_.warnings(self.environment)

    def _extract(self, wire: str, figure: Figure) -> Iterator[Reading]:
        for index, counts in self._counts(wire, figure):
            try:
                value = figure.extract(counts)
            except ValueError as error:
                where = f"{self.folder}: pass {index}, {figure.key} of {wire}"
                raise RecordError(f"{where}: damaged: {error}") from error
            if value is not None or counts.lost:
                kept = None if counts.lost else value
                caveat = figure.caveat(counts) if figure.caveat is not None else None
                yield Reading(index, kept, counts.lost, counts.saturated, caveat)

    def _counts(self, wire: str, figure: Figure) -> Iterator[tuple[int, Counts]]:
        for index, each in self.passes.items():
            infos = (benchmark.extra_info for benchmark in each.benchmarks)
            found = [one for one in infos if one.wire == wire and figure.covers(one)]
            if len(found) > 1:
                where = f"{self.folder}: pass {index}"
                raise RecordError(f"{where}: {len(found)} benchmarks give {figure.key} of {wire}")
            yield from ((index, one) for one in found)


def unlike(a: Run, b: Run) -> list[str]:
    """What makes two runs incomparable, one line each: machine, settings, workload, limits."""
    found = environment_.unlike(a.environment, b.environment)
    if a.info.settings != b.info.settings:
        found.append(f"settings: {a.info.settings} against {b.info.settings}")
    found += _differences(_workload(a), _workload(b))
    return found + _differences(a.info.limits, b.info.limits)


def _workload(run: Run) -> dict[str, Any]:
    """What each pass did; how many passes there were makes an interval narrow, not a run unlike.

    A run that does not say how many processes its load had, had one.
    """
    told = {"load_processes": 1, **run.info.constants}
    return {k: v for k, v in told.items() if k not in ("passes", "experiments")}


def _differences(a: dict[str, Any], b: dict[str, Any]) -> list[str]:
    keys = sorted(a.keys() | b.keys())
    pairs = ((key, a.get(key, "none"), b.get(key, "none")) for key in keys)
    return [f"{key}: {one} against {two}" for key, one, two in pairs if one != two]
