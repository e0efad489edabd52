"""What the packets of both parsers share: the checks that the library makes too late or not at all.

Without them, an invalid packet raises some error in the library's handler. The packet is lost
without a notice, and half of it may stay in memory (`docs/upstream.md`).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, NamedTuple

import socketio.packet

from lab.contract import Settings

# The library logs a peer's mistakes as errors. The server answers them; it has no error to log.
LOG = logging.getLogger("transports.socketio")
LOG.setLevel(logging.CRITICAL)


class BrokenPacketError(ValueError):
    """The received message is no Socket.IO packet; the text says why."""


class Parser(NamedTuple):
    """How packets are written. `name`: as it stands among the settings of a transport.

    `packets`: the packet class of each settings. Passed as `serializer` it applies to one server or
    client; the library's option `json` changes the whole process. `libraries`: what reads and
    writes, in words.
    """

    name: str
    packets: Mapping[Settings, type[socketio.packet.Packet]]
    libraries: Mapping[Settings, str]


class NotEmpty(socketio.packet.Packet):  # type: ignore[misc]
    """A packet that is not read from an empty message."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if not kwargs.get("encoded_packet", True):  # the library would make an event without data
            raise BrokenPacketError("an empty message")
        super().__init__(*args, **kwargs)


def is_event(data: object) -> bool:
    """Whether this is the data of an event. In Socket.IO 5 its name may be a number."""
    return isinstance(data, list) and bool(data) and isinstance(data[0], str | int)
