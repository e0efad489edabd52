"""The figures of the open loop. Measured once, because a search for the knee takes too long."""

from __future__ import annotations

from lab.measure.figures.counts import Counts
from lab.measure.figures.extract import Extract, detail_at, load_bound, percentile
from lab.measure.figures.figure import Figure


def _in_ms(name: str) -> Extract:
    at = detail_at(name)

    def extract(counts: Counts) -> float | None:
        ns = at(counts)
        return None if ns is None else ns / 1e6

    return extract


def _at_least(counts: Counts) -> str | None:
    """A rate that was reached before the server's limit is only a lower bound of it."""
    limit = (counts.detail or {}).get("limit")
    return f"at least: {limit}" if limit in ("load", "ceiling") else None


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
        caveat=load_bound,
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
        "p99 at a modest rate, as a closed loop would report it",
        "p99, un-\ncorrected",
        _in_ms("uncorrected_p99_ns"),
    ),
)
