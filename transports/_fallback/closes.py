"""Remember sessions that a client closed by POST before its next poll came. Pure.

A page closes its session by a POST beside its polls. If the POST arrives between two polls, the
session is already over when the next poll comes. An unknown session is a 404, and a browser prints
each 404 on its console. But nothing went wrong here, so the late poll gets the close packet.
"""

from __future__ import annotations

__pure__ = True

KEPT_S = 10.0
"""How long a close waits for its poll. The page of `lab chat` delays a connection by 5 s at most,
and gives up after 2 s, so that this is longer than any poll is late."""
MOST = 1_000
"""How many closes wait at most. This bounds the memory when a client opens and closes sessions
quickly."""


class PendingCloses:
    """The sessions whose close packet no poll has taken yet."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def add(self, sid: str, now_s: float) -> None:
        """Note that this session ended now, and that its close packet waits for a poll."""
        self._until[sid] = now_s + KEPT_S
        if len(self._until) > MOST:
            del self._until[next(iter(self._until))]

    def take(self, sid: str, now_s: float) -> bool:
        """Remove the session. True if its close packet was still waiting."""
        return now_s < self._until.pop(sid, now_s)
