"""The figures that are counted from bytes, once and exactly, so they need no statistics.

Round trips come from the clock as well. Where the two counts disagree, both figures say so.
"""

from __future__ import annotations

from lab.measure.figures.counts import Counts
from lab.measure.figures.extract import Extract, bytes_at, detail_at, median_ms_at
from lab.measure.figures.figure import Figure

_BY_THE_CLOCK = detail_at("slope", "round_trips")
_FROM_THE_BYTES = detail_at("ledger", "round_trips")


def _disagreement(counts: Counts) -> str | None:
    """Runs from before this was recorded were void where the counts disagreed."""
    if (counts.detail or {}).get("agree", True):
        return None
    by_clock, from_bytes = _BY_THE_CLOCK(counts), _FROM_THE_BYTES(counts)
    return f"counts disagree: {by_clock:.2f} by the clock, {from_bytes:g} from the bytes"


def _round_trips(until: str, connection: str) -> tuple[Figure, ...]:
    measure = f"{connection} {until}"
    key = measure.replace(" ", "_").replace("-", "_")

    def figure(key: str, how: str, extract: Extract) -> Figure:
        return Figure(
            key,
            f"round trips until {until}, {connection} connection, {how}",
            "RTT",
            "round_trips",
            measure,
            extract,
            counted=True,
            caveat=_disagreement,
            column=f"{connection.split('-', maxsplit=1)[0]}\n{until}\n{how.rsplit(maxsplit=1)[-1]}",
        )

    return (
        figure(f"round_trips_{key}", "from the bytes", _FROM_THE_BYTES),
        figure(f"slope_{key}", "by the clock", _BY_THE_CLOCK),
    )


def _ledger(key: str, title: str, unit: str, column: str, extract: Extract) -> Figure:
    return Figure(key, title, unit, "bytes", "ledger", extract, counted=True, column=column)


CONNECT_AT_MS = 50
"""The emulated round-trip time at which the time to connect is a figure of its own."""


def _connect_at(rtt_ms: int) -> Figure:
    """The handshakes that give the slope, at one emulated round-trip time alone."""
    return Figure(
        f"connect_at_{rtt_ms}_ms",
        f"connect at an RTT of {rtt_ms} ms, p50",
        "ms",
        "round_trips",
        "new connect",
        median_ms_at("samples_ns", str(rtt_ms * 1_000_000)),
        counted=True,
        column=f"connect at\n{rtt_ms} ms RTT\n(ms)",
    )


COUNTED: tuple[Figure, ...] = (
    *_round_trips("connect", "new"),
    *_round_trips("join", "new"),
    *_round_trips("connect", "kept-alive"),
    *_round_trips("join", "kept-alive"),
    _connect_at(CONNECT_AT_MS),
    _ledger("tcp_connections", "TCP connections", "", "TCP\nopened", detail_at("tcp_connections")),
    _ledger(
        "http_requests",
        "HTTP requests until connected",
        "",
        "HTTP\nrequests",
        detail_at("connect", "http_requests"),
    ),
    _ledger("connect_bytes", "handshake", "B", "handshake", bytes_at("connect", "cost")),
    _ledger("message_bytes", "one message and its reply", "B", "say,\nsaid", bytes_at("message")),
    _ledger("delivery_bytes", "one delivery", "B", "delivery", bytes_at("delivery")),
    _ledger(
        "heartbeat_bytes_per_minute",
        "heartbeats of an idle minute",
        "B",
        "idle\nminute",
        bytes_at("heartbeat", "per_minute"),
    ),
)
