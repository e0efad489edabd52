"""A run as the reports use it: the values of each figure per transport and valid pass."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from lab import environment as environment_
from lab.environment import Difference
from lab.measure import histogram
from lab.measure.figures import FIGURES, Counts, Figure
from lab.measure.histogram import Floats, Histogram, Ints
from lab.measure.process import Side
from lab.record.schema import PassFile, PassInfo, RecordError, RunInfo


@dataclass(frozen=True, slots=True)
class Reading:
    """One figure of one transport in one pass.

    `value` is in the figure's unit, None where a delivery was lost or the benchmark was void.
    `caveat`: why the value is not exactly what the figure's title says; see `Figure`. `void`: why
    the benchmark did not count, where it says so.
    """

    pass_index: int
    value: float | None
    lost: int
    saturated: Side
    caveat: str | None = None
    void: str | None = None


class Run:
    """A loaded run; immutable. `passes`: the valid passes by index, in their order."""

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
        # All figures are read here, so that a run with damaged histograms is not half shown.
        self._readings = {
            (transport, figure.key): list(self._extract(transport, figure))
            for transport in info.transports
            for figure in FIGURES
        }

    @property
    def id(self) -> str:
        return self.info.id

    @property
    def transports(self) -> list[str]:
        """The names of the transports, in the order in which they are shown."""
        return list(self.info.transports)

    def limit(self, kind: str) -> str | None:
        """The baseline of this kind among the run's transports; see `Figure.limit`."""
        found = (name for name, one in self.info.transports.items() if one.limit == kind)
        return next(found, None)

    @property
    def void_passes(self) -> list[PassInfo]:
        """The void passes, which do not count."""
        return [each for each in self.info.passes if each.void is not None]

    def readings(self, transport: str, figure: Figure) -> list[Reading]:
        """The figure in each valid pass that measured it; KeyError for an unknown transport."""
        return self._readings[transport, figure.key]

    def values(self, transport: str, figure: Figure) -> dict[int, float]:
        """Pass index -> value in the figure's unit, for the passes in which nothing was lost."""
        found = ((each.pass_index, each.value) for each in self.readings(transport, figure))
        return {index: value for index, value in found if value is not None}

    def merged(self, transport: str, figure: Figure) -> Histogram:
        """The samples of a figure from all valid passes in which nothing was lost."""
        counts = (one for _, one in self._counts(transport, figure) if one.valid)
        return histogram.merge(histogram.decode(c.samples_hdr) for c in counts if c.samples_hdr)

    def percentile_curve(self, transport: str, figure: Figure) -> tuple[Floats, Ints]:
        """`(percentile, ns)` of `merged`, both ascending. Empty arrays without samples."""
        return self.merged(transport, figure).percentile_curve()

    def details(self, transport: str, figure: Figure) -> list[dict[str, Any]]:
        """The detail of a figure in each valid pass: what a picture needs besides numbers."""
        return [one.detail for _, one in self._counts(transport, figure) if one.detail is not None]

    def encoded_histograms(self) -> dict[str, str]:
        """Benchmark name -> its encoded samples of all valid passes, for `histograms.json`."""
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
        """What made this run noisy on its machine."""
        return environment_.warnings(self.environment)

    def _extract(self, transport: str, figure: Figure) -> Iterator[Reading]:
        for index, counts in self._counts(transport, figure):
            try:
                value = figure.extract(counts)
            except ValueError as error:
                where = f"{self.folder}: pass {index}, {figure.key} of {transport}"
                raise RecordError(f"{where}: damaged: {error}") from error
            if value is not None or not counts.valid:
                kept = value if counts.valid else None
                caveat = figure.caveat(counts) if figure.caveat is not None else None
                yield Reading(index, kept, counts.lost, counts.saturated, caveat, counts.void)

    def _counts(self, transport: str, figure: Figure) -> Iterator[tuple[int, Counts]]:
        for index, each in self.passes.items():
            infos = (benchmark.extra_info for benchmark in each.benchmarks)
            found = [one for one in infos if one.transport == transport and figure.covers(one)]
            if len(found) > 1:
                where = f"{self.folder}: pass {index}"
                raise RecordError(
                    f"{where}: {len(found)} benchmarks give {figure.key} of {transport}"
                )
            yield from ((index, one) for one in found)


SCOPE = ("passes", "experiments", "over_tls")
"""Constants that say how much was measured, and not how."""


def unlike(a: Run, b: Run) -> list[Difference]:
    """The reasons why two runs can't be compared."""
    found = environment_.unlike(a.environment, b.environment)
    if a.info.settings != b.info.settings:
        found.append(Difference("settings", a.info.settings, b.info.settings))
    found += _differences(_workload(a), _workload(b))
    return found + _differences(a.info.limits, b.info.limits)


def _workload(run: Run) -> dict[str, Any]:
    """The workload of a pass. The number of passes is left out: it only makes intervals narrower.

    An older run does not say how many processes its load had: it had one.
    """
    told = {"load_processes": 1, **run.info.constants}
    return {k: v for k, v in told.items() if k not in SCOPE}


def _differences(a: dict[str, Any], b: dict[str, Any]) -> list[Difference]:
    ours, theirs = dict(_flat(a)), dict(_flat(b))
    keys = sorted(ours.keys() | theirs.keys())
    pairs = ((key, ours.get(key, "none"), theirs.get(key, "none")) for key in keys)
    return [Difference(key, one, two) for key, one, two in pairs if one != two]


def _flat(values: dict[str, Any], within: str = "") -> Iterator[tuple[str, str]]:
    """Each value under its full name, such as `open_loop.arrivals`, in readable form."""
    for key, value in values.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{within}{key}.")
        else:
            yield f"{within}{key}", _shown(value)


def _shown(value: Any) -> str:
    if isinstance(value, dict | list | tuple):
        return ", ".join(map(_shown, value)) or "none"
    return "none" if value is None else str(value)
