"""The transport `limit-tcp`: a baseline that sends the bytes of `websocket`, one write each.

Its server does the least that a server of `websocket` must do, in Python on bare sockets, and calls
the kernel once for each delivery. A server that writes each message at once, to each member, can't
be faster. The server is in `_tuned/limit.py`; here stands when it writes. docs/tuned.md has the
comparison.
"""

from __future__ import annotations

from transports._tuned.limit import Limit, LimitConnection, LimitRoom


class _Room(LimitRoom):
    """Gives each message to the kernel at once, for each member."""

    def deliver(self, message: bytes, speaker: LimitConnection, said: bytes) -> None:
        """See `LimitRoom`."""
        for connection in self.members:
            connection.send(message)
        speaker.send(said)

    def flush(self) -> None:
        """Do nothing: `deliver` has sent all."""


class LimitTcp(Limit):
    """The cost of a delivery if each delivery is one call of the kernel."""

    name = "limit-tcp"
    summary = "a baseline: the same bytes from bare sockets, one write a delivery"
    room = _Room
    limit = "one_each"
    writes = "one a delivery"
