"""The number of packets in one HTTP body, which python-engineio has once for the whole process.

The library decodes at most `Payload.max_decode_packets`: 16. A burst of 17 packets in one POST is
answered with 200, and all of them are lost without an error. Under `equal` the number is so large
that only the size of a body counts; under `stock` it stays as it is. The number is an attribute of
a class, and clients and servers both use it. So all of them in one process need the same settings.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

import engineio.payload

from lab.contract import Settings

STOCK_PACKETS_PER_PAYLOAD: int = engineio.payload.Payload.max_decode_packets
PACKETS_PER_PAYLOAD: dict[Settings, int] = {"equal": 100_000, "stock": STOCK_PACKETS_PER_PAYLOAD}
"""How many packets one HTTP body may have, by settings."""

# Weak, so that a connection which is never closed does not keep its settings for ever.
_users: WeakKeyDictionary[object, Settings] = WeakKeyDictionary()


class MixedSettingsError(RuntimeError):
    """Python's Socket.IO is in use in this process with other settings."""


def use(user: object, settings: Settings) -> None:
    """Let a server or a connection use these settings, until it is released.

    Raises:
        MixedSettingsError: another one is in use with other settings.
    """
    if any(other != settings for other in _users.values()):
        raise MixedSettingsError(
            f"python-engineio has one limit for packets in a payload in each process: "
            f"close what runs under other settings before you use {settings!r}, "
            f"or use another process"
        )
    _users[user] = settings
    engineio.payload.Payload.max_decode_packets = PACKETS_PER_PAYLOAD[settings]


def release(user: object) -> None:
    """End the use. After the last one the library has its own number again."""
    _users.pop(user, None)
    if not _users:
        engineio.payload.Payload.max_decode_packets = STOCK_PACKETS_PER_PAYLOAD
