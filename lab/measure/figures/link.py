"""The figures of a link's calibration: what it does, beside what it was set to.

Each label of such a run is a network and not a transport.
"""

from __future__ import annotations

from lab.measure.figures.extract import detail_at
from lab.measure.figures.figure import Figure

EXPERIMENT = "calibration"


def _figure(key: str, title: str, unit: str, measure: str, at: str, column: str) -> Figure:
    return Figure(
        key,
        title,
        unit,
        EXPERIMENT,
        measure,
        detail_at(at),
        counted=True,
        ratio=False,
        column=column,
    )


LINK: tuple[Figure, ...] = (
    _figure("link_rtt_set", "RTT that a link is set to", "ms", "rtt", "set_ms", "RTT\nset\n(ms)"),
    _figure("link_rtt_p50", "RTT of a datagram, p50", "ms", "rtt", "p50_ms", "RTT\np50\n(ms)"),
    _figure("link_rtt_p99", "RTT of a datagram, p99", "ms", "rtt", "p99_ms", "RTT\np99\n(ms)"),
    _figure("link_loss_set", "loss that a link is set to", "%", "loss", "set", "loss\nset\n(%)"),
    _figure("link_loss_up", "datagrams lost on the way up", "%", "loss", "up", "lost\nup\n(%)"),
    _figure(
        "link_loss_down", "datagrams lost on the way down", "%", "loss", "down", "lost\ndown\n(%)"
    ),
    _figure(
        "link_uncounted",
        "datagrams that never reached the pump",
        "",
        "loss",
        "uncounted",
        "not\ncarried",
    ),
)
