"""Find a poll that a browser repeats by itself, without its page's knowledge.

If a kept-alive connection breaks before the answer has come, a client may repeat an idempotent
request on a new connection (RFC 9112 section 9.3.1), and browsers do. For a poll this means that
the packets in the first answer are lost. The page can't see that, but the server can: each poll has
a stamp in its query against caches, and a repeated poll has the stamp of the one before.
"""

from __future__ import annotations


class Polls:
    """The polls of one session, in order."""

    __slots__ = ("_connection", "_stamp")

    def __init__(self) -> None:
        self._stamp: str | None = None
        self._connection: object = None

    def repeats(self, stamp: str | None, connection: object) -> bool:
        """Note the next poll. True if it repeats the last one.

        Args:
            stamp: the `t` of its query. Without it no repetition can be found.
            connection: its TCP connection. A client with a coarse clock may give two polls the same
                stamp, but it has no reason to change the connection between them.
        """
        is_same = stamp is not None and stamp == self._stamp
        repeats = is_same and connection is not self._connection
        self._stamp, self._connection = stamp, connection
        return repeats
