"""How a figure is taken from the counts: each function here gives one that extracts it, or None."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lab.measure import histogram
from lab.measure.figures.figure import Counts

Extract = Callable[[Counts], float | None]


def percentile(at: float, ns_per_unit: float) -> Extract:
    """The percentile `at` of the operations' durations."""

    def extract(counts: Counts) -> float | None:
        samples = histogram.decode(counts.samples_hdr) if counts.samples_hdr else None
        if samples is None or not samples.count:
            return None
        return samples.percentile_ns(at) / ns_per_unit

    return extract


def server_cpu(ns_per_unit: float) -> Extract:
    """The server's CPU time for each delivery, or operation where there are none."""
    return lambda counts: per(counts.server_cpu_ns, _work(counts) * ns_per_unit)


def load_cpu(ns_per_unit: float) -> Extract:
    """The load's CPU time for each delivery, or operation where there are none."""
    return lambda counts: per(counts.load_cpu_ns, _work(counts) * ns_per_unit)


def _work(counts: Counts) -> int:
    """What CPU is divided by: deliveries where there are some, else operations (connections)."""
    return counts.delivered if counts.measure == "fan_out" else counts.operations


def per(amount: float | None, by: float) -> float | None:
    """A share of nothing isn't zero, it is no figure."""
    return amount / by if amount is not None and by > 0 else None


def deliveries_per_s(counts: Counts) -> float | None:
    """Goodput of a fan-out."""
    return per(counts.delivered * 1e9, counts.wall_ns)


def detail_at(*path: str) -> Extract:
    """The number at this place of the detail; None where there is none.

    What is extracted raises ValueError where something else stands there.
    """

    def extract(counts: Counts) -> float | None:
        found = _found(counts.detail, path)
        return None if found is None else _number(found, path)

    return extract


def in_us(*path: str) -> Extract:
    """The ns at this place of the detail, in µs."""
    at = detail_at(*path)

    def extract(counts: Counts) -> float | None:
        ns = at(counts)
        return None if ns is None else ns / 1e3

    return extract


def bytes_at(*path: str) -> Extract:
    """All layers of both directions of the cost at this place of the detail, in bytes.

    What is extracted raises ValueError where something else stands there.
    """

    def extract(counts: Counts) -> float | None:
        found = _found(counts.detail, path)
        if found is None:
            return None
        directions = _table(found, path)
        layers = [_table(found, (*path, way)) for way, found in directions.items()]
        return sum(_number(size, path) for each in layers for size in each.values())

    return extract


def _found(detail: Any, path: tuple[str, ...]) -> Any:
    for depth, name in enumerate(path):
        if detail is None:
            return None
        detail = _table(detail, path[:depth]).get(name)
    return detail


def _table(found: Any, path: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise ValueError(f"{_place(path)} is no table: {found!r}")
    return found


def _number(found: Any, path: tuple[str, ...]) -> float:
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise ValueError(f"{_place(path)} is no number: {found!r}")
    return float(found)


def _place(path: tuple[str, ...]) -> str:
    return ".".join(("detail", *path))
