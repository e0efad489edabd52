"""The transport `limit-gathered`: a baseline that sends `websocket`'s bytes, one write a turn.

Like `limit-tcp`, but messages that come in together are joined, and each member gets all of them in
one call of the kernel. This is the limit that the tuned transports are compared with. The server is
in `_tuned/limit.py`; here stands when it writes. docs/tuned.md has the comparison.
"""

from __future__ import annotations

from transports._tuned.limit import Limit, LimitConnection, LimitRoom


class _Room(LimitRoom):
    """Joins the messages that come in together, and sends them to each member in one write."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._unsent: list[bytes] = []
        self._replies: dict[LimitConnection, list[bytes]] = {}

    def deliver(self, message: bytes, speaker: LimitConnection, said: bytes) -> None:
        """See `LimitRoom`."""
        self._unsent.append(message)
        self._replies.setdefault(speaker, []).append(said)

    def flush(self) -> None:
        """See `LimitRoom`."""
        if not self._unsent:
            return
        joined = b"".join(self._unsent)
        self._unsent.clear()
        replies, self._replies = self._replies, {}
        for connection in self.members:
            connection.send(
                joined if connection not in replies else joined + b"".join(replies[connection])
            )


class LimitGathered(Limit):
    """The cost of a delivery if a member gets all messages of a turn in one call of the kernel."""

    name = "limit-gathered"
    summary = "a baseline: the same bytes from bare sockets, one write a member and turn"
    room = _Room
    limit = "gathered"
    writes = "one for each connection and turn of the loop"
