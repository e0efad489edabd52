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

WIDEST = 1.0
"""A share whose interval is wider than the whole is none to be told."""


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


def gaps(run: Run, window: int) -> dict[tuple[str, str], Gap]:
    """(A wire, the one in its language that speaks the baseline's protocol) -> whose the gap is.

    Of wires that speak another protocol than the baseline, and where there is a gap.
    """
    found = of(run, window)
    plain = found.get(BASELINE, {})
    spoken = {wire: next(iter(passes.values())).tuned for wire, passes in found.items()}
    told = {}
    for wire, passes in found.items() if plain else ():
        beside = [w for w in found if spoken[w] == spoken[BASELINE] and _alike(run, w, wire)]
        both = sorted(passes.keys() & found[beside[0]].keys()) if beside else []
        if not both or spoken[wire] == spoken[BASELINE]:
            continue
        seed = zlib.crc32(f"{run.info.seed} {wire} {window}".encode())
        ours, theirs = ([each[n].parts_ns for n in both] for each in (passes, found[beside[0]]))
        if (whose := gap(ours, theirs, seed=seed)) is not None:
            told[wire, beside[0]] = whose
    return told


def sentences(run: Run, windows: Sequence[int] = WINDOWS) -> Iterator[str]:
    """What the run says: of each gap, how much is protocol and how much library."""
    for window in windows:
        for (wire, beside), found in gaps(run, window).items():
            flight = "one message" if window == 1 else f"{window} messages"
            names = f"between {_named(run, wire)} and {_named(run, beside)}"
            size = (
                f"{words.number(found.distance.median / 1e3)} µs a delivery with {flight} in flight"
            )
            if _spans(found.protocol) > WIDEST:
                yield f"The gap {names}, {size}, is too small for this run to divide."
                continue
            yield (
                f"Of the gap {names}, {size}, {share(found.protocol)} is protocol and "
                f"{share(found.library)} library."
            )


def _spans(interval: Interval) -> float:
    """How far its ends, or with few passes its extremes, are apart."""
    if interval.low is not None and interval.high is not None:
        return interval.high - interval.low
    return interval.highest - interval.lowest


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


def _alike(run: Run, one: str, other: str) -> bool:
    """Whether two servers are written in the same language."""
    first, second = (run.info.wires[wire].stack.get("language") for wire in (one, other))
    names = [each.get("name") if isinstance(each, dict) else each for each in (first, second)]
    return names[0] == names[1]


def _read(run: Run, index: int, detail: object) -> Apart:
    try:
        return msgspec.convert(detail, Apart)
    except msgspec.ValidationError as error:
        where = f"{run.folder}: pass {index}, detail of cost"
        raise RecordError(f"{where}: damaged: {error}") from error
