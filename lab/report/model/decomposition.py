"""Reads the parts of a delivery's cost from a run."""

from __future__ import annotations

import zlib

import msgspec

from lab.measure.decomposition import Gap, Measured, Parts, gap
from lab.record import RecordError, Run
from lab.report.model.summary import BASELINE


class Apart(msgspec.Struct, frozen=True):
    """The detail of `cost`: see results/README.md."""

    tuned: str
    limit: str = msgspec.field(name="floor")
    measured_ns: Measured
    parts_ns: Parts
    messages_per_write: dict[str, float | None]


def costs(run: Run, window: int) -> dict[str, dict[int, Apart]]:
    """Transport -> pass -> its divided cost, in the run's order. Void ones are left out.

    Raises RecordError if a detail does not have the documented shape.
    """
    found: dict[str, dict[int, Apart]] = {transport: {} for transport in run.transports}
    for index, each in run.passes.items():
        for one in (benchmark.extra_info for benchmark in each.benchmarks):
            if (one.experiment, one.measure) == ("cost", f"apart_{window}") and one.valid:
                found[one.transport][index] = _read(run, index, one.detail)
    return {transport: passes for transport, passes in found.items() if passes}


def gaps(run: Run, window: int) -> dict[tuple[str, str], Gap]:
    """(Transport, transport of its language with the baseline's protocol) -> the divided gap.

    Only for transports with another protocol than the baseline, and only if there is a gap.
    """
    found = costs(run, window)
    plain = found.get(BASELINE, {})
    spoken = {transport: next(iter(passes.values())).tuned for transport, passes in found.items()}
    told = {}
    for transport, passes in found.items() if plain else ():
        beside = [w for w in found if spoken[w] == spoken[BASELINE] and _alike(run, w, transport)]
        both = sorted(passes.keys() & found[beside[0]].keys()) if beside else []
        if not both or spoken[transport] == spoken[BASELINE]:
            continue
        seed = zlib.crc32(f"{run.info.seed} {transport} {window}".encode())
        ours, theirs = ([each[n].parts_ns for n in both] for each in (passes, found[beside[0]]))
        if (whose := gap(ours, theirs, seed=seed)) is not None:
            told[transport, beside[0]] = whose
    return told


def _alike(run: Run, one: str, other: str) -> bool:
    """Whether two servers are written in the same language."""
    first, second = (
        run.info.transports[transport].stack.get("language") for transport in (one, other)
    )
    names = [each.get("name") if isinstance(each, dict) else each for each in (first, second)]
    return names[0] == names[1]


def _read(run: Run, index: int, detail: object) -> Apart:
    try:
        return msgspec.convert(detail, Apart)
    except msgspec.ValidationError as error:
        where = f"{run.folder}: pass {index}, detail of cost"
        raise RecordError(f"{where}: damaged: {error}") from error
