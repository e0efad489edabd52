"""The figures of proxies: what each adds to a direct connection, and when it cuts a silent one.

All are of one benchmark, which measures the direct path and each proxy in turn.
"""

from __future__ import annotations

from lab.measure.figures.counts import Counts
from lab.measure.figures.extract import Extract, bytes_at, detail_at, in_us
from lab.measure.figures.figure import Figure

EXPERIMENT = "proxies"
DIRECT = "direct"
PROXIES = ("nginx", "haproxy", "caddy")
EVENTS = 10
"""How many events are watched on each path."""
IDLE_S = 2
"""The longest silence that the proxies allow where they cut a connection."""
HEARTBEAT_S = 1
"""The heartbeat that keeps it."""
WATCHED_S = 6.0
"""How long a connection is watched."""


def _added(of: Extract, direct: Extract) -> Extract:
    def extract(counts: Counts) -> float | None:
        through, without = of(counts), direct(counts)
        return None if through is None or without is None else through - without

    return extract


def _figure(
    key: str,
    title: str,
    unit: str,
    extract: Extract,
    column: str,
    measure: str = "paths",
    lower_is_better: bool = True,
) -> Figure:
    return Figure(
        f"proxies_{key}",
        title,
        unit,
        EXPERIMENT,
        measure,
        extract,
        lower_is_better=lower_is_better,
        ratio=False,
        counted=True,
        column=column,
    )


def _latency(at: int) -> tuple[Figure, ...]:
    name = f"p{at}_ns"
    direct = in_us(DIRECT, name)
    return (
        _figure(
            f"direct_p{at}_us", f"RTT without a proxy, p{at}", "µs", direct, f"direct\np{at} µs"
        ),
        *(
            _figure(
                f"{proxy}_added_p{at}_us",
                f"RTT that {proxy} adds, p{at}",
                "µs",
                _added(in_us(proxy, name), direct),
                f"{proxy}\n+p{at} µs",
            )
            for proxy in PROXIES
        ),
    )


def _bytes(what: str, title: str) -> tuple[Figure, ...]:
    direct = bytes_at(DIRECT, what)
    return (
        _figure(f"direct_{what}_bytes", f"{title}, no proxy", "B", direct, f"direct\n{what}"),
        *(
            _figure(
                f"{proxy}_added_{what}_bytes",
                f"{title}, that {proxy} adds for the client",
                "B",
                _added(bytes_at(proxy, what), direct),
                f"{proxy}\n+{what}",
            )
            for proxy in PROXIES
        ),
    )


def _of_silence(proxy: str) -> tuple[Figure, ...]:
    return (
        _figure(
            f"{proxy}_cut_after_s",
            f"silence after which {proxy} cuts a WebSocket, set to {IDLE_S} s",
            "s",
            detail_at(proxy, "cut_after_s"),
            f"{proxy}\ncut after\n(s)",
            measure="silence",
            lower_is_better=False,
        ),
        _figure(
            f"{proxy}_kept_s",
            f"the same with a heartbeat of {HEARTBEAT_S} s: open for",
            "s",
            detail_at(proxy, "kept_s"),
            f"{proxy}\nkept for\n(s)",
            measure="silence",
            lower_is_better=False,
        ),
    )


PROXIED: tuple[Figure, ...] = (
    *_latency(50),
    *_latency(99),
    *_bytes("handshake", "bytes of a handshake"),
    *_bytes("message", "bytes of a message with its reply and its delivery"),
    *(
        _figure(
            f"{proxy}_at_once",
            f"events that {proxy} passed on while their response was open, of {EVENTS}",
            "",
            detail_at(proxy, "at_once"),
            f"{proxy}\nat once",
            lower_is_better=False,
        )
        for proxy in PROXIES
    ),
    *(figure for proxy in PROXIES for figure in _of_silence(proxy)),
)
