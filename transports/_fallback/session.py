"""The server's state of one fallback session, whatever the format.

Packets wait until the client's GET takes them. Their bytes are bounded, together with the bytes
that the socket has not sent yet. One timer limits how long the client may be silent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

from lab.chat.events import Why
from transports._fallback.packets import CONNECT, DISCONNECT
from transports._shared.repeated_polls import Polls
from transports._shared.serving import CLOSE_TIMEOUT_S


class OutOfTurnError(RuntimeError):
    """A GET that the server can't accept now."""


class Timeouts(NamedTuple):
    """How long a session may be silent, in seconds."""

    beat_s: float
    """After this silence the server sends a heartbeat."""
    answer_s: float
    """How long the client may then take to answer, or to send the next poll."""
    announced_s: tuple[int, int]
    """Heartbeat timeout and close timeout in the answer to the handshake."""


class Session:
    """The session of one client. Once it has ended, `over` is true and `on_end` has been called."""

    def __init__(
        self,
        timeouts: Timeouts,
        beat: bytes,
        bound_bytes: int,
        on_end: Callable[[Why], None],
    ) -> None:
        self.over = False
        self._timeouts = timeouts
        self._beat = beat
        self._bound_bytes = bound_bytes
        self._on_end = on_end
        self._unsent = [CONNECT]
        self._unsent_bytes = len(CONNECT)
        self._more = asyncio.Event()
        self._more.set()
        self._polls = Polls()
        self._connection: asyncio.Transport | None = None
        self._reading = False
        self._carries = False
        self._timer: asyncio.TimerHandle | None = None
        self.expect()

    # From the server to the client.

    def put(self, packet: bytes) -> None:
        """Queue one packet. If too many bytes wait, the client is too slow, and is cut off."""
        if self.over:
            return
        self._unsent.append(packet)
        self._unsent_bytes += len(packet)
        self._more.set()
        if self._unsent_bytes + self._in_socket() > self._bound_bytes:
            self.cut("slow_consumer")

    async def take(self) -> tuple[bytes, ...]:
        """All waiting packets, as soon as there is one; none after the close packet was taken."""
        await self._more.wait()
        if not self.over:
            self._more.clear()
        self._carries = True
        packets = tuple(self._unsent)
        self._unsent.clear()
        self._unsent_bytes = 0
        return packets

    @contextmanager
    def reading(
        self, connection: asyncio.Transport | None, stamp: str | None = None
    ) -> Iterator[None]:
        """Hold the client's GET on this connection.

        If the connection breaks while it carries packets, the session ends. The server can't know
        which packets arrived, and an end, after which the client resumes, is better than a gap
        that the client can't see. If no packet was sent, the client may send the GET again.

        Raises:
            OutOfTurnError: another GET is open, or `stamp` says that this one repeats the last.
        """
        if self._polls.repeats(stamp, connection):
            raise OutOfTurnError("this GET repeats one whose answer is lost")
        if self._reading:
            raise OutOfTurnError("one GET at a time")
        self._reading, self._connection, self._carries = True, connection, False
        try:
            yield
        except (ConnectionError, asyncio.CancelledError):
            if self._carries:
                self.cut("lost")
            self.expect()
            raise
        finally:
            self._reading = False
            if self.over:
                self._set_timer(None, 0)

    def _in_socket(self) -> int:
        """How many bytes the socket of the last GET has not sent yet."""
        return 0 if self._connection is None else self._connection.get_write_buffer_size()

    # How long the client may be silent.

    def alive(self) -> None:
        """Note a sign of life from the client."""
        if not self.over:
            self._set_timer(self._ask, self._timeouts.beat_s)

    def expect(self) -> None:
        """End the session unless the client gives a sign of life in `answer_s` from now."""
        if not self.over:
            self._set_timer(partial(self.cut, "lost"), self._timeouts.answer_s)

    def _ask(self) -> None:
        self.put(self._beat)
        self.expect()

    def _set_timer(self, what: Callable[[], None] | None, delay_s: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        loop = asyncio.get_running_loop()
        self._timer = None if what is None else loop.call_later(delay_s, what)

    # Closing.

    def end(self, why: Why) -> None:
        """End the session with a close packet, which a full socket has a moment to send."""
        if self.over:
            return
        self.over = True
        self._unsent.append(DISCONNECT)
        self._more.set()
        self._set_timer(self._abort if self._reading else None, CLOSE_TIMEOUT_S)
        self._on_end(why)

    def cut(self, why: Why) -> None:
        """End the session at once. Drop its waiting packets and cut its connection."""
        if self.over:
            return
        self.over = True
        self._unsent.clear()
        self._set_timer(None, 0)
        self._abort()
        self._on_end(why)

    def _abort(self) -> None:
        # Once the last answer is sent, the connection may carry requests of another session.
        if self._connection is not None and (self._reading or self._in_socket()):
            self._connection.abort()
