"""The answer in one paragraph, for the top of the README: its numbers are the committed runs'."""

from __future__ import annotations

from collections.abc import Iterable

from lab.record import Run
from lab.report import apart, words
from lab.report import summary as summary_
from lab.report.summary import BASELINE

SOCKETIO = ("socketio-websocket", "socketio-polling", "socketio")
POLLING, OVER_WEBSOCKET = "socketio-polling", "socketio-websocket"
TEXT = (
    "**In short.** Until one can speak, Socket.IO takes {trips} round trips and WebSocket "
    "{plain_trips}: on a real network that is the difference one feels. On loopback a message's "
    "round trip takes Socket.IO {rtt} times as long, and a delivery costs its server {cpu} times "
    "the CPU; of what that is beyond WebSocket, {library} % is python-socketio's doing and not "
    "the protocol's. Over a WebSocket both send about as many bytes ({over_websocket} and {plain} "
    "a delivery), long-polling {polled} times as many. What Socket.IO gives for it, rooms, "
    "acknowledgements and a way back after a lost line, is [counted in lines](docs/code.md).\n"
)


def in_short(reference: Run, cost: Run) -> str:
    """What somebody who asks "WebSocket or Socket.IO?" should know first.

    `reference` has the three experiments, round trips and bytes; `cost` the costs taken apart.
    """
    trips, size = "round_trips_new_connect", "delivery_bytes"
    plain = _median(reference, size, BASELINE)
    return TEXT.format(
        trips=_range(_median(reference, trips, wire) for wire in SOCKETIO),
        plain_trips=_range([_median(reference, trips, BASELINE)]),
        rtt=_range(_ratios(reference, "rtt_p50_us")),
        cpu=_range(_ratios(reference, "server_cpu_us_per_delivery_100")),
        library=_range(100 * gap.library.median for gap in apart.gaps(cost, 1).values()),
        over_websocket=words.number(_median(reference, size, OVER_WEBSOCKET)),
        plain=words.number(plain),
        polled=_range([_median(reference, size, POLLING) / plain]),
    )


def _median(run: Run, key: str, wire: str) -> float:
    figure = summary_.of(run).figure(key)
    interval = figure.cells[wire].interval if figure else None
    if interval is None:
        raise LookupError(f"the run {run.id} has no {key} of {wire}")
    return interval.median


def _ratios(run: Run, key: str) -> Iterable[float]:
    figure = summary_.of(run).figure(key)
    found = figure.comparisons() if figure else {}
    return [found[wire].ratio for wire in SOCKETIO]


def _range(values: Iterable[float]) -> str:
    found = sorted(values)
    low, high = (
        f"{value:.0f}" if value >= 10 else f"{value:.2g}" for value in (found[0], found[-1])
    )
    return low if low == high else f"{low} to {high}"
