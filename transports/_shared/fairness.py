"""Limit how much of one connection is handled before the other connections have a turn."""

from __future__ import annotations

import asyncio

SHARE = 32
"""Packets of one connection in one turn, if only the lab's code handles them."""

LIBRARY_SHARE = 4
"""Packets of one connection in one turn, if a library handles them. It may need some milliseconds
for one packet, such as a replay of a whole log."""

READ_BYTES = 8 * 1024
"""Bytes that one read takes from a connection. A library parses all of them in one turn."""


class Share:
    """Counts handled packets, and yields to the event loop after each `LIBRARY_SHARE`.

    A library delivers all that it has buffered without yielding.
    """

    def __init__(self) -> None:
        self._taken = 0

    async def taken(self) -> None:
        """Count one packet, and yield if the share is used up."""
        self._taken += 1
        if self._taken == LIBRARY_SHARE:
            self._taken = 0
            await asyncio.sleep(0)


def read_little(transport: asyncio.BaseTransport | None) -> None:
    """Limit each read from this connection to `READ_BYTES`.

    asyncio reads 256 KiB at once. Its transport's attribute is the only way to change that.
    """
    if transport is not None and hasattr(transport, "max_size"):
        transport.max_size = READ_BYTES
