"""The wire `limit-gathered`: a yardstick, the bytes of `websocket` with one write a turn."""

from __future__ import annotations

from transports._limit import Limit, Line, Room


class _Room(Room):
    """What came in together goes to each member together."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._unsent: list[bytes] = []
        self._replies: dict[Line, list[bytes]] = {}

    def deliver(self, message: bytes, speaker: Line, said: bytes) -> None:
        """See `Room`."""
        self._unsent.append(message)
        self._replies.setdefault(speaker, []).append(said)

    def flush(self) -> None:
        """See `Room`."""
        if not self._unsent:
            return
        joined = b"".join(self._unsent)
        self._unsent.clear()
        replies, self._replies = self._replies, {}
        for line in self.members:
            line.send(joined if line not in replies else joined + b"".join(replies[line]))


class LimitGathered(Limit):
    """What a delivery costs where all of a turn is one call of the kernel for each member."""

    name = "limit-gathered"
    summary = "a yardstick: the same bytes from bare sockets, one write a member and turn"
    room = _Room
    writes = "one for each connection and turn of the loop"
