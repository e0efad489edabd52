"""The figures of the open loop: taken once, since a search for a knee is too long to repeat."""

from __future__ import annotations

from lab.measure.figures.extract import Extract, detail_at, percentile
from lab.measure.figures.figure import Counts, Figure


def _in_ms(name: str) -> Extract:
    at = detail_at(name)

    def extract(counts: Counts) -> float | None:
        ns = at(counts)
        return None if ns is None else ns / 1e6

    return extract


def _at_least(counts: Counts) -> str | None:
    """What was reached before the server's limit was is a lower bound on it, and no more."""
    limit = (counts.detail or {}).get("limit")
    return f"at least: {limit}" if limit in ("load", "ceiling") else None


def _late(counts: Counts) -> str | None:
    return "load-bound" if (counts.detail or {}).get("load_bound") else None


def _at_modest_rate(key: str, title: str, column: str, extract: Extract) -> Figure:
    return Figure(
        key,
        title,
        "ms",
        "load",
        "modest_rate",
        extract,
        counted=True,
        column=f"{column}\nms",
        caveat=_late,
    )


OPEN_LOOP: tuple[Figure, ...] = (
    Figure(
        "knee_per_s",
        "highest rate held, p99 under the bound and nothing lost",
        "msg/s",
        "load",
        "knee",
        detail_at("rate_per_s"),
        lower_is_better=False,
        counted=True,
        column="held,\nmsg/s",
        caveat=_at_least,
    ),
    _at_modest_rate("modest_p50_ms", "p50 at a modest rate", "p50", percentile(50, 1e6)),
    _at_modest_rate("modest_p99_ms", "p99 at a modest rate", "p99", percentile(99, 1e6)),
    _at_modest_rate(
        "modest_uncorrected_p99_ms",
        "p99 at a modest rate, as one who waits would tell it",
        "p99, un-\ncorrected",
        _in_ms("uncorrected_p99_ns"),
    ),
)
