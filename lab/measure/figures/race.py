"""The figures of a race from the page, besides those of every client. Each is measured once."""

from __future__ import annotations

from lab.measure.figures.extract import deliveries_per_s, detail_at
from lab.measure.figures.figure import Figure

RACE: tuple[Figure, ...] = (
    Figure(
        "race_up_bytes",
        "bytes of a message, browser to server",
        "B",
        "race",
        "race",
        detail_at("up_bytes_per_message"),
        counted=True,
        column="message\n↑ B",
    ),
    Figure(
        "race_down_bytes",
        "bytes of a message, server to browser",
        "B",
        "race",
        "race",
        detail_at("down_bytes_per_message"),
        counted=True,
        column="message\n↓ B",
    ),
    Figure(
        "race_tcp_connections",
        "TCP connections of a race, from a browser",
        "",
        "race",
        "race",
        detail_at("tcp_connections"),
        counted=True,
        column="TCP",
    ),
    Figure(
        "race_http_requests",
        "HTTP requests of a race, from a browser",
        "",
        "race",
        "race",
        detail_at("http_requests"),
        counted=True,
        column="HTTP\nrequests",
    ),
    Figure(
        "burst_per_s",
        "messages of a burst, from a browser",
        "/s",
        "race",
        "burst",
        deliveries_per_s,
        lower_is_better=False,
        counted=True,
        column="burst\n/s",
    ),
)
