"""How long the experiments of a profile take, so that a run can say it before it begins.

Measured on two cores with nothing else to do. Another machine takes as much longer as it is slower.
"""

from __future__ import annotations

__pure__ = True

import msgspec


class Duration(msgspec.Struct, frozen=True):
    """The seconds of one pass: `each_s` for each transport that has a server, and `once_s`."""

    each_s: float
    once_s: float = 0


START_S = 1.0
"""To start and to end the server of one transport, for the timed experiments of a pass."""
OVER_TLS = 1.35
"""How many times as long a transport takes over TLS, over all experiments."""
DURATIONS: dict[str, dict[str, Duration]] = {
    "quick": {
        "handshake": Duration(0.1),
        "latency": Duration(0.3),
        "throughput": Duration(0.5),
        "round_trips": Duration(3.6),
        "bytes": Duration(1.3),
    },
    "full": {
        "handshake": Duration(0.6),
        "latency": Duration(1.4),
        "throughput": Duration(5.2),
        "round_trips": Duration(10.5),
        "bytes": Duration(3),
        "load": Duration(33),
        "fan_out": Duration(48),
        "payload": Duration(3.5),
        "memory": Duration(21.5),
        "idle": Duration(2, once_s=52),
    },
}
"""Profile -> experiment -> how long it takes with the profile's own rounds."""
