"""The outcome of a race as the page sends it: the only shape that is accepted."""

from __future__ import annotations

__pure__ = True

from typing import Annotated, Literal

import msgspec

SAMPLES_MAX = 20_000
TRANSPORTS_MAX = 32

Ms = Annotated[float, msgspec.Meta(gt=0, le=60_000)]
"""A duration by the browser's clock; an HDR histogram of the lab ends at a minute."""
Samples = Annotated[list[Ms], msgspec.Meta(max_length=SAMPLES_MAX)]
Count = Annotated[int, msgspec.Meta(ge=0, le=10**9)]
PerMessage = Annotated[float, msgspec.Meta(ge=0, le=10**9)]


class RaceError(ValueError):
    """A race that can't be kept; the message says why."""


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class RaceNetwork(_Part, frozen=True):
    """The network that every link of the race emulated; see `protocol.EmulatedNetwork`."""

    delay_ms: Annotated[float, msgspec.Meta(ge=0, le=5000)] = 0
    jitter_ms: Annotated[float, msgspec.Meta(ge=0, le=5000)] = 0
    bandwidth_bit_per_s: Annotated[int, msgspec.Meta(ge=1000, le=10**12)] | None = None


class Burst(_Part, frozen=True):
    """Messages said one after the other without waiting, until the last was delivered."""

    messages: Annotated[int, msgspec.Meta(ge=1, le=10**6)]
    ms: Annotated[float, msgspec.Meta(gt=0, le=10**7)]
    lost: Count


class Raced(_Part, frozen=True):
    """One transport. Samples stand in the order in which they were taken, as many in each round."""

    handshake_ms: Samples
    rtt_ms: Samples
    burst: Burst | None
    up_bytes_per_message: PerMessage
    down_bytes_per_message: PerMessage
    connections: Count
    requests: Count


class Race(_Part, frozen=True):
    """The outcome of a race, version 1; docs/page.md says how one is run."""

    version: Literal[1]
    browser: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    network: RaceNetwork
    rounds: Annotated[int, msgspec.Meta(ge=1, le=1000)]
    transports: Annotated[dict[str, Raced], msgspec.Meta(min_length=1, max_length=TRANSPORTS_MAX)]
