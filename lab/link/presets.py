"""Networks that people have, with the published figures that each of them follows.

Half of the round-trip time is set in each direction. Where a rate is published, what waits for the
transmitter may be as much as one bandwidth-delay product, at least 64 kB.
"""

from __future__ import annotations

__pure__ = True

import msgspec

from lab.link.path import Conditions, Network

MBIT_BYTES = 125_000
LEAST_QUEUE_BYTES = 64_000
WEBPAGETEST = "WebPageTest, connectivity.ini, {}"


class Preset(msgspec.Struct, frozen=True, kw_only=True):
    """A network's name, what it is, and whose figures it has."""

    name: str
    title: str
    source: str
    network: Network


def _network(
    rtt_ms: float,
    down_mbit: float | None = None,
    up_mbit: float | None = None,
    *,
    loss: float = 0.0,
    burst: float | None = None,
    jitter_ms: float = 0.0,
) -> Network:
    def way(mbit: float | None) -> Conditions:
        rate = None if mbit is None else mbit * MBIT_BYTES
        queue = None if rate is None else max(LEAST_QUEUE_BYTES, round(rate * rtt_ms / 1000))
        return Conditions(
            delay_ns=round(rtt_ms * 1e6 / 2),
            jitter_ns=round(jitter_ms * 1e6),
            loss=loss,
            burst=burst,
            rate_bytes_per_s=rate,
            queue_bytes=queue,
        )

    return Network(up=way(up_mbit), down=way(down_mbit))


PRESETS = {
    preset.name: preset
    for preset in (
        Preset(
            name="dc",
            title="two servers of one data centre",
            source="Guo and others, Pingmesh, SIGCOMM 2015: RTT p50 268 us, loss 0.001 %; not "
            "checked",
            network=_network(0.268, loss=1e-5),
        ),
        Preset(
            name="cable",
            title="a home on cable",
            source=WEBPAGETEST.format("Cable: 5/1 Mbit/s, RTT 28 ms, no loss"),
            network=_network(28, 5, 1),
        ),
        Preset(
            name="lte",
            title="a phone on LTE",
            source=WEBPAGETEST.format("LTE: 12/12 Mbit/s, RTT 70 ms, no loss"),
            network=_network(70, 12, 12),
        ),
        Preset(
            name="3g",
            title="a phone on 3G",
            source=WEBPAGETEST.format("3G: 1.6/0.768 Mbit/s, RTT 300 ms, no loss"),
            network=_network(300, 1.6, 0.768),
        ),
        Preset(
            name="satellite",
            title="a geostationary satellite",
            source="draft-kuhn-quic-4-sat-06, 4.2: 50/10 Mbit/s, RTT 650 ms, no loss; a proposed "
            "test, not a measurement",
            network=_network(650, 50, 10),
        ),
        Preset(
            name="wifi-lossy",
            title="a crowded Wi-Fi",
            source="loss 5 % as in Gulliksson, Umeå 2024 (diva2:1876796); its bursts of 3, RTT of "
            "10 ms and the jitter of 4 ms are the lab's choice",
            network=_network(10, loss=0.05, burst=3, jitter_ms=4),
        ),
    )
}
"""Name -> preset."""
