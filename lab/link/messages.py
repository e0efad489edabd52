"""What a link and its pump say to each other: one line of JSON each."""

from __future__ import annotations

__pure__ = True

from typing import Literal

import msgspec

from lab.link.path import Network, Reason

Side = Literal["client", "server"]
Direction = Literal["up", "down"]

ADDRESS: dict[Side, str] = {"client": "192.0.2.2", "server": "192.0.2.1"}
"""Of a network that is reserved for examples (RFC 5737), so nobody's own is hidden."""
OTHER_ADDRESSES = "192.0.2.{}"
"""Where a client goes whose address changes: 3 and on."""


class Counted(msgspec.Struct):
    """The packets of one direction since the link has had its present network."""

    packets: int = 0
    bytes: int = 0
    lost: int = 0
    dropped: int = 0

    def add(self, size_bytes: int, reason: Reason | None) -> None:
        """Count a packet, and why it will not arrive."""
        self.packets += 1
        self.bytes += size_bytes
        self.lost += reason == "lost"
        self.dropped += reason == "dropped"


class Ready(msgspec.Struct, tag=True):
    """Both sides are open: the pump's process, and its descriptors of their namespaces."""

    pid: int
    namespaces: dict[Side, int]


class Refused(msgspec.Struct, tag=True):
    """A link can't be opened here."""

    why: str


class Order(msgspec.Struct, omit_defaults=True):
    """What the pump shall do: take another network, lose one packet. It answers with its counts."""

    network: Network | None = None
    lose: Direction | None = None
    at_least_bytes: int = 0
