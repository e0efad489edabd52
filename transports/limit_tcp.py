"""The wire `limit-tcp`: a yardstick, the bytes of `websocket` with one write for each delivery."""

from __future__ import annotations

from transports._limit import Limit, Line, Room


class _Room(Room):
    """Each message goes to the kernel by itself, once a member."""

    def deliver(self, message: bytes, speaker: Line, said: bytes) -> None:
        """See `Room`."""
        for line in self.members:
            line.send(message)
        speaker.send(said)

    def flush(self) -> None:
        """There is nothing left."""


class LimitTcp(Limit):
    """What a delivery costs where each is a call of the kernel."""

    name = "limit-tcp"
    summary = "a yardstick: the same bytes from bare sockets, one write a delivery"
    room = _Room
    writes = "one a delivery"
