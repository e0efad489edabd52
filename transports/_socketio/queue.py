"""Queue the packets for one connection, with a bound on their bytes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import Enum, auto
from typing import Any

from engineio.packet import Packet


class BoundedQueue(asyncio.Queue[Any]):
    """The packets for one connection. Calls `on_overflow` if they exceed `bound_bytes`."""

    def __init__(self, bound_bytes: int) -> None:
        super().__init__()
        self.on_overflow: Callable[[], None] | None = None
        self._bound_bytes = bound_bytes
        self._unsent_bytes = 0

    def begin_replay(self) -> None:
        """The packets that are put from now on belong to a replay."""

    def end_replay(self) -> None:
        """The replay is complete."""

    def check(self, sent_late: int = 0) -> None:
        """Report an overflow. `sent_late`: bytes that have left the queue, but not the server."""
        if self._unsent_bytes + sent_late > self._bound_bytes and self.on_overflow is not None:
            self.on_overflow()

    def _put(self, item: Packet | None) -> None:
        super()._put(item)
        self._unsent_bytes += _most_bytes(item)
        self.check()

    def _get(self) -> Packet | None:
        item: Packet | None = super()._get()
        self._unsent_bytes -= _most_bytes(item)
        return item


def _most_bytes(item: object) -> int:
    """The most bytes of a packet on the wire: encoding it here would cost once per member."""
    if not isinstance(item, Packet) or not isinstance(item.data, str | bytes):
        return 0
    return len(item.data) * (1 if isinstance(item.data, bytes) or item.data.isascii() else 4)


class _Mark(Enum):
    """Marks in the queue where a replay begins or ends. It is never sent."""

    REPLAY_BEGINS = auto()
    REPLAY_ENDS = auto()


class PagedQueue(BoundedQueue):
    """A queue that hands out a replay in payloads of at most `page` packets.

    The library makes one payload of all waiting packets: one `get`, then `get_nowait` until that
    raises. If one payload has more packets than python-engineio's client accepts, the client ends
    the connection. It would then resume, and get the same replay again.
    """

    def __init__(self, bound_bytes: int, page: int) -> None:
        super().__init__(bound_bytes)
        self._page = page
        self._in_replay = False
        self._handed = 0

    def begin_replay(self) -> None:
        self.put_nowait(_Mark.REPLAY_BEGINS)

    def end_replay(self) -> None:
        self.put_nowait(_Mark.REPLAY_ENDS)

    async def get(self) -> Any:
        """The first packet of the next payload."""
        self._handed = 0
        while True:
            try:
                return await super().get()
            except asyncio.QueueEmpty:
                continue  # there was only a mark

    def get_nowait(self) -> Any:
        """One more packet of this payload.

        Raises:
            asyncio.QueueEmpty: no packet waits, or the payload ends here.
        """
        if self._in_replay and self._handed == self._page:
            raise asyncio.QueueEmpty
        item = super().get_nowait()
        if isinstance(item, _Mark):
            self.task_done()
            self._in_replay = item is _Mark.REPLAY_BEGINS
            if self._handed:
                raise asyncio.QueueEmpty
            return self.get_nowait()
        self._handed += 1
        return item
