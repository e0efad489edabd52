"""Shared by the fallbacks that poll: which sessions have ended with a goodbye that none took. Pure.

A page says goodbye by a POST beside its polls. Between two of them, or where the POST overtakes the
next one, the session is over before that is read. Nobody did anything wrong, but an unknown session
is a 404, which a browser prints on its console. So the late poll is told what it missed.
"""

from __future__ import annotations

KEPT_S = 10.0
"""Longer than a poll is late, and than anybody waits for a goodbye: the page of `lab chat` bends a
line by 5 s at most, and gives up after 2 s."""
MOST = 1_000
"""Whoever opens and ends sessions in a hurry takes so many names of memory, and no more."""


class Goodbyes:
    """The names of the last sessions that ended so."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def owe(self, sid: str, now_s: float) -> None:
        """This session has ended now, and its goodbye waits for whoever asks."""
        self._until[sid] = now_s + KEPT_S
        if len(self._until) > MOST:
            del self._until[next(iter(self._until))]

    def take(self, sid: str, now_s: float) -> bool:
        """Whether its goodbye still waits; from now on it does not."""
        return now_s < self._until.pop(sid, now_s)
