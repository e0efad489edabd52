"""Sentences about a gap in cost: how much of it is protocol, and how much is library."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lab.measure.figures.decomposition import WINDOWS
from lab.measure.stats import Interval
from lab.record import Run
from lab.report.model import formatting
from lab.report.model.decomposition import gaps

WIDEST = 1.0
"""A share is not stated if its interval is wider than this."""


def sentences(run: Run, windows: Sequence[int] = WINDOWS) -> Iterator[str]:
    """A sentence for each gap: how much of it is protocol and how much library."""
    for window in windows:
        for (transport, beside), found in gaps(run, window).items():
            flight = "one message" if window == 1 else f"{window} messages"
            names = f"between {_named(run, transport)} and {_named(run, beside)}"
            cost = formatting.number(found.distance.median / 1e3)
            size = f"{cost} µs a delivery with {flight} in flight"
            if _spans(found.protocol) > WIDEST:
                yield f"The gap {names}, {size}, is too small for this run to divide."
                continue
            yield (
                f"Of the gap {names}, {size}, {share(found.protocol)} is protocol and "
                f"{share(found.library)} library."
            )


def _spans(interval: Interval) -> float:
    """The width of the interval; with few passes, between the extremes."""
    if interval.low is not None and interval.high is not None:
        return interval.high - interval.low
    return interval.highest - interval.lowest


def share(interval: Interval) -> str:
    """A share with its interval, or its extremes: 12.3 % [10.1, 14.0]."""
    centre = f"{_percent(interval.median)} %"
    if interval.low is not None and interval.high is not None:
        return f"{centre} [{_percent(interval.low)}, {_percent(interval.high)}]"
    if interval.passes == 1:
        return centre
    return f"{centre} ({_percent(interval.lowest)} … {_percent(interval.highest)})"


def _percent(value: float) -> str:
    return f"{100 * value:.1f}".replace("-0.0", "0.0")


def _named(run: Run, transport: str) -> str:
    """The names of a transport's library and of the transport."""
    server = run.info.transports[transport].stack.get("server")
    library = server.get("name") if isinstance(server, dict) else server
    return f"{library} ({transport})" if library else transport
