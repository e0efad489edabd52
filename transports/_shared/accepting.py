"""Accept connections on asyncio, and pause when the process has no more file descriptors.

asyncio's own listener then retries once for each connection of its backlog, and logs a traceback
each time.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from functools import partial
from types import TracebackType
from typing import Any, Self

from lab.contract import ServeOptions
from transports._shared.serving import (
    CLOSE_TIMEOUT_S,
    EXHAUSTED,
    MOST_ACCEPTED,
    PAUSE_S,
    Shortage,
)
from transports._shared.tls import server_context

Attach = Callable[..., Awaitable[Any]]
"""Connects an accepted socket to a new protocol, as `loop.connect_accepted_socket` does."""
Make = Callable[[], asyncio.Protocol]
"""Makes the protocol of a new connection."""
Listen = Callable[[socket.socket, Make], AbstractContextManager[object]]
"""Gives each connection that arrives on a socket to a new protocol, while the context is open."""


class Listener:
    """Accepts connections on `sock` until the context is left.

    `make` makes a new protocol for each. `attach` connects the two, by default as the event loop
    does. `tls`: the context of a server that speaks TLS.
    """

    def __init__(
        self,
        sock: socket.socket,
        make: Callable[[], asyncio.BaseProtocol],
        attach: Attach | None = None,
        *,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._sock = sock
        self._make = make
        self._loop = asyncio.get_running_loop()
        self._attach = attach or self._loop.connect_accepted_socket
        # The libraries limit the time of the handshake, which is part of the first request.
        self._tls: dict[str, Any] = {}
        if tls is not None:
            self._tls = {"ssl": tls, "ssl_shutdown_timeout": CLOSE_TIMEOUT_S}
        self._shortage = Shortage()
        self._pause: asyncio.TimerHandle | None = None
        self._opening: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Self:
        self._listen()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._pause is not None:
            self._pause.cancel()
        self._loop.remove_reader(self._sock)
        for task in self._opening:
            task.cancel()

    def _listen(self) -> None:
        self._loop.add_reader(self._sock, self._accept)

    def _accept(self) -> None:
        for _ in range(MOST_ACCEPTED):
            try:
                sock, _address = self._sock.accept()
            except (BlockingIOError, ConnectionError):
                self._shortage.is_over()
                return
            except OSError as error:
                if error.errno not in EXHAUSTED:
                    raise
                self._shortage.begins(error)
                self._loop.remove_reader(self._sock)
                self._pause = self._loop.call_later(PAUSE_S, self._listen)
                return
            task = self._loop.create_task(self._open(sock))
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)

    async def _open(self, sock: socket.socket) -> None:
        try:
            await self._attach(self._make, sock, **self._tls)
        except OSError:  # the client is gone already
            sock.close()
        except asyncio.CancelledError:
            sock.close()
            raise


@asynccontextmanager
async def over_tcp(options: ServeOptions) -> AsyncIterator[Listen]:
    """Accept connections of TCP, or of TLS. Their bytes are the protocol's."""
    yield partial(Listener, tls=server_context(options.tls))
