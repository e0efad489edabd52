"""The figures that are counted from bytes: exact, taken once, with nothing to infer.

Round trips come from the clock as well; the benchmark that takes them fails where the two differ.
"""

from __future__ import annotations

from lab.measure.figures.extract import Extract, bytes_at, detail_at
from lab.measure.figures.figure import Figure


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
            column=f"{connection.split('-', maxsplit=1)[0]}\n{until}\n{how.rsplit(maxsplit=1)[-1]}",
        )

    return (
        figure(f"round_trips_{key}", "from the bytes", detail_at("ledger", "round_trips")),
        figure(f"slope_{key}", "by the clock", detail_at("slope", "round_trips")),
    )


def _ledger(key: str, title: str, unit: str, column: str, extract: Extract) -> Figure:
    return Figure(key, title, unit, "bytes", "ledger", extract, counted=True, column=column)


COUNTED: tuple[Figure, ...] = (
    *_round_trips("connect", "new"),
    *_round_trips("join", "new"),
    *_round_trips("connect", "kept-alive"),
    *_round_trips("join", "kept-alive"),
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
