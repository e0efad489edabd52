"""The figures of harness: what the lab's own tools cost. Measured once in a run.

Compare figures of the load with these: a tool's cost is not the transport's.
"""

from __future__ import annotations

from lab.measure.figures.counts import Counts
from lab.measure.figures.extract import detail_at, in_us
from lab.measure.figures.figure import Figure


def _at_least(counts: Counts) -> str | None:
    """If something else than the driver ended the search, the value is a lower bound."""
    limit = (counts.detail or {}).get("limit")
    return f"at least: {limit}" if limit in ("server", "ceiling") else None


def _tool(name: str, title: str, column: str) -> Figure:
    return Figure(
        f"harness_{name}_us",
        title,
        "µs",
        "harness",
        "harness",
        in_us(f"{name}_ns"),
        counted=True,
        column=column,
    )


HARNESS: tuple[Figure, ...] = (
    _tool("raw", "raw client, CPU per delivery", "raw\nclient µs"),
    _tool("raw_one", "raw client, one in flight, CPU per delivery", "raw, one\nin flight µs"),
    _tool("library", "library client, CPU per delivery", "library\nclient µs"),
    _tool("relay", "relay, CPU per delivery", "relay\nµs"),
    _tool("tapping", "relay that keeps the bytes, CPU per delivery", "relay,\ntapping µs"),
    _tool("recording", "recording, CPU per message", "recording,\nmessage µs"),
    Figure(
        "harness_deliveries_per_s",
        "deliveries, raw client under half of a core",
        "/s",
        "harness",
        "harness",
        detail_at("deliveries_per_s"),
        lower_is_better=False,
        counted=True,
        column="raw, under\nhalf a core /s",
        caveat=_at_least,
    ),
)
