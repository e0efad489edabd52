"""A run's costs taken apart: between its passes and what is drawn and told of them."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence

import msgspec

from lab.measure.decomposition import Gap, Measured, Parts, gap
from lab.measure.figures.decomposition import WINDOWS
from lab.measure.stats import Interval
from lab.record import RecordError, Run
from lab.report import words
from lab.report.summary import BASELINE


class Apart(msgspec.Struct, frozen=True):
    """The detail of `cost`: see results/README.md."""

    tuned: str
    floor: str
    measured_ns: Measured
    parts_ns: Parts
    messages_per_write: dict[str, float | None]


def of(run: Run, window: int) -> dict[str, dict[int, Apart]]:
    """Wire -> pass -> its cost taken apart, in the run's order; void ones are left out.

    Raises RecordError where it is not of the shape that is documented.
    """
    found: dict[str, dict[int, Apart]] = {wire: {} for wire in run.wires}
    for index, each in run.passes.items():
        for one in (benchmark.extra_info for benchmark in each.benchmarks):
            if (one.experiment, one.measure) == ("cost", f"apart_{window}") and not one.lost:
                found[one.wire][index] = _read(run, index, one.detail)
    return {wire: passes for wire, passes in found.items() if passes}


def gaps(run: Run, window: int) -> dict[str, Gap]:
    """Wire -> whose its distance from the baseline is, of those that speak another protocol."""
    found = of(run, window)
    base = found.get(BASELINE, {})
    told = {}
    for wire, passes in found.items():
        both = sorted(passes.keys() & base.keys())
        if not both or passes[both[0]].tuned == base[both[0]].tuned:
            continue
        seed = zlib.crc32(f"{run.info.seed} {wire} {window}".encode())
        ours, theirs = ([each[index].parts_ns for index in both] for each in (passes, base))
        if (whose := gap(ours, theirs, seed=seed)) is not None:
            told[wire] = whose
    return told


def sentences(run: Run, windows: Sequence[int] = WINDOWS) -> Iterator[str]:
    """What the run says: of each gap, how much is protocol and how much library."""
    for window in windows:
        for wire, found in gaps(run, window).items():
            flight = "one message" if window == 1 else f"{window} messages"
            yield (
                f"Of the gap between {_named(run, wire)} and {_named(run, BASELINE)}, "
                f"{words.number(found.distance.median / 1e3)} µs a delivery with {flight} in "
                f"flight, {share(found.protocol)} is protocol and {share(found.library)} library."
            )


def share(interval: Interval) -> str:
    """A share in percent, with its interval: 12.3 % [10.1, 14.0]; its extremes with few passes."""
    centre = f"{_percent(interval.median)} %"
    if interval.low is not None and interval.high is not None:
        return f"{centre} [{_percent(interval.low)}, {_percent(interval.high)}]"
    if interval.passes == 1:
        return centre
    return f"{centre} ({_percent(interval.lowest)} … {_percent(interval.highest)})"


def _percent(value: float) -> str:
    return f"{100 * value:.1f}".replace("-0.0", "0.0")


def _named(run: Run, wire: str) -> str:
    """The library behind a wire, and the wire."""
    server = run.info.wires[wire].stack.get("server")
    library = server.get("name") if isinstance(server, dict) else server
    return f"{library} ({wire})" if library else wire


def _read(run: Run, index: int, detail: object) -> Apart:
    try:
        return msgspec.convert(detail, Apart)
    except msgspec.ValidationError as error:
        where = f"{run.folder}: pass {index}, detail of cost"
        raise RecordError(f"{where}: damaged: {error}") from error
