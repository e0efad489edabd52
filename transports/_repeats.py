"""Shared by the wires that poll: a poll which a browser asks again by itself, unknown to its page.

Where a kept connection breaks before an answer has come, HTTP lets a client send an idempotent
request again on a new one (RFC 9112, section 9.3.1), and browsers do. For a poll that means that
what the first answer held is gone, and nobody knows. The page can't see it; the server can: each
poll has a stamp in its query, so that no cache answers it, and this one has the stamp of the one
before.
"""

from __future__ import annotations


class Polls:
    """The polls of one session, one after the other."""

    __slots__ = ("_line", "_stamp")

    def __init__(self) -> None:
        self._stamp: str | None = None
        self._line: object = None

    def repeats(self, stamp: str | None, line: object) -> bool:
        """Note the next poll. True where it is the last one again.

        Args:
            stamp: the `t` of its query; without one nothing can be said.
            line: the connection that it came on. A client whose clock is coarse may stamp two polls
                alike, but it has no reason to change the connection between them.
        """
        again = stamp is not None and stamp == self._stamp and line is not self._line
        self._stamp, self._line = stamp, line
        return again
