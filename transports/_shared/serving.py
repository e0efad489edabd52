"""Listen on a socket, and end a connection whose client does not read."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
from collections.abc import Awaitable, Callable

CLOSE_TIMEOUT_S = 1.0
"""How long the other side has to answer a close. The libraries' own defaults are 10 to 60 s."""

CLIENT_CLOSE_S = 0.9
"""How long a client may take to close. After that its tasks are cancelled."""

BACKLOG = 4096
"""Connections that the kernel holds until they are accepted, the same on every transport. The
libraries' 100 or 128 are too few if many clients open a connection for each heartbeat."""

MOST_ACCEPTED = 64
"""Connections accepted in one turn, so that many new ones don't hold up the ones that are open."""

EXHAUSTED = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
PAUSE_S = 1.0
"""How long the server accepts nothing after the kernel had no file or memory left."""

_log = logging.getLogger(__name__)


class Shortage:
    """Logs once that no connection can be accepted, until one can again."""

    def __init__(self) -> None:
        self._is_said = False

    def begins(self, error: OSError) -> None:
        """Log that there is no file or memory for another connection."""
        if not self._is_said:
            self._is_said = True
            _log.warning("no new connections until others end: %s", error.strerror)

    def is_over(self) -> None:
        """Note that all waiting connections have been accepted."""
        self._is_said = False


async def bound(host: str, port: int) -> socket.socket:
    """Return a listening socket that never blocks, and whose connections send at once.

    Raises:
        OSError: the server can't listen on that address.
    """
    addresses = await asyncio.get_running_loop().getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    family, _type, _protocol, _name, address = addresses[0]
    sock = socket.create_server(address[:2], family=family, backlog=BACKLOG)
    sock.setblocking(False)
    # Accepted sockets inherit this. Each write here is complete, so Nagle's algorithm only delays.
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


async def close_or_abort(closing: Awaitable[object], abort: Callable[[], object]) -> None:
    """Await the transport's own close, and cut the connection if that takes too long.

    A close frame waits behind the unsent bytes, and a client that does not read never gets it.
    """
    try:
        async with asyncio.timeout(CLOSE_TIMEOUT_S):
            await closing
    except TimeoutError:
        abort()
