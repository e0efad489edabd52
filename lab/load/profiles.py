"""How much is measured: the sizes of one pass, for a quick look and for a figure to quote."""

from __future__ import annotations

import msgspec


class Profile(msgspec.Struct, frozen=True):
    """The sizes of one pass over one wire, and how many passes there are."""

    passes: int
    handshakes: int
    round_trips: int
    room_messages: int
    fan_out_messages: dict[int, int]
    """Room size -> messages in each round."""
    rounds: int
    """Rounds of every benchmark that are measured, after one that is not."""
    window: int = 16
    """Messages in flight when throughput is measured."""
    payload_bytes: int = 64
    """Size of every text."""


PROFILES = {
    "quick": Profile(
        passes=5,
        handshakes=8,
        round_trips=60,
        room_messages=30,
        fan_out_messages={10: 150, 100: 24},
        rounds=4,
    ),
    "full": Profile(
        passes=10,
        handshakes=20,
        round_trips=200,
        room_messages=100,
        fan_out_messages={10: 400, 100: 60},
        rounds=8,
    ),
}
"""Name -> profile."""
