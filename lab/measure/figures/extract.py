"""Makes the functions that derive a figure from counts. They return None if there is none."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import Any

from lab.measure import histogram
from lab.measure.figures.counts import Counts

Extract = Callable[[Counts], float | None]


def percentile(at: float, ns_per_unit: float) -> Extract:
    """The percentile `at` of the durations of the operations."""

    def extract(counts: Counts) -> float | None:
        samples = histogram.decode(counts.samples_hdr) if counts.samples_hdr else None
        if samples is None or not samples.count:
            return None
        return samples.percentile_ns(at) / ns_per_unit

    return extract


def cpu_ms_per_operation(counts: Counts) -> float | None:
    """The server's CPU time for each operation, such as a handshake, in ms."""
    return per(counts.server_cpu_ns, counts.operations * 1e6)


def cpu_us_per_delivery(counts: Counts) -> float | None:
    """The server's CPU time for each delivery, in µs."""
    return per(counts.server_cpu_ns, counts.delivered * 1e3)


def load_cpu_us_per_delivery(counts: Counts) -> float | None:
    """The client's CPU time for each delivery, in µs."""
    return per(counts.load_cpu_ns, counts.delivered * 1e3)


def load_bound(counts: Counts) -> str | None:
    """Why a figure is not the server's: the load did not offer the rate."""
    return "load-bound" if (counts.detail or {}).get("load_bound") else None


def per(amount: float | None, by: float) -> float | None:
    """None without deliveries: a share of nothing is not zero."""
    return amount / by if amount is not None and by > 0 else None


def deliveries_per_s(counts: Counts) -> float | None:
    """Goodput of a fan-out."""
    return per(counts.delivered * 1e9, counts.wall_ns)


def detail_at(*path: str) -> Extract:
    """The number at this path of the detail; None if there is none.

    The function raises ValueError if the value at the path is something else.
    """

    def extract(counts: Counts) -> float | None:
        found = _found(counts.detail, path)
        return None if found is None else _number(found, path)

    return extract


def in_us(*path: str) -> Extract:
    """The ns at this path of the detail, in µs."""
    at = detail_at(*path)

    def extract(counts: Counts) -> float | None:
        ns = at(counts)
        return None if ns is None else ns / 1e3

    return extract


def median_ms_at(*path: str) -> Extract:
    """The median of the list of ns at this path of the detail, in ms; None if there is none.

    The function raises ValueError if the value at the path is something else.
    """

    def extract(counts: Counts) -> float | None:
        found = _found(counts.detail, path)
        if found is None:
            return None
        if not isinstance(found, list) or not found:
            raise ValueError(f"{_place(path)} is no list of times: {found!r}")
        return statistics.median(_number(each, path) for each in found) / 1e6

    return extract


def bytes_at(*path: str) -> Extract:
    """The sum of all layers and both directions of the cost at this path, in bytes.

    The function raises ValueError if the value at the path is something else.
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
