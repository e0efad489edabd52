"""Listen on a socket, and shut down within the two seconds that the contract allows."""

from __future__ import annotations

import asyncio
import select
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from importlib import import_module
from importlib.util import find_spec

from lab.contract import ServeOptions
from transports._shared.serving import (
    CLOSE_TIMEOUT_S,
    EXHAUSTED,
    MOST_ACCEPTED,
    PAUSE_S,
    Shortage,
    bound,
)
from transports._shared.tls import accepted, server_context
from transports._shared.versions import installed
from transports._tuned.connection import TunedConnection
from transports._tuned.reactor import Reactor
from transports._tuned.timer_wheel import TimerWheel

OpenConnection = Callable[[socket.socket], TunedConnection]


def unavailable() -> str | None:
    """Why the tuned transports can't run on this system; None where they can."""
    return None if hasattr(select, "epoll") else "needs epoll: run it on Linux"


def new_event_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return uvloop's if it is installed: its turn is some microseconds shorter; else None."""
    if find_spec("uvloop") is None:
        return None
    made: Callable[[], asyncio.AbstractEventLoop] = import_module("uvloop").new_event_loop
    return made


def event_loop() -> str:
    """Name the event loop of a process that only serves, for a reader of the figures."""
    return "asyncio" if new_event_loop() is None else str(installed("uvloop"))


@asynccontextmanager
async def listening(
    options: ServeOptions,
    reactor: Reactor,
    timer_wheel: TimerWheel,
    open_connection: OpenConnection,
) -> AsyncIterator[int]:
    """Serve until the context is left, then close `reactor` and `timer_wheel`; yields the port.

    Raises:
        OSError: the server can't listen on that address.
    """
    try:
        tls = server_context(options.tls)
        sock = await bound(options.host, options.port)
        listener = _Listener(sock, reactor, open_connection, tls)
        try:
            yield sock.getsockname()[1]
        finally:
            listener.abort()
            await _shut_down(reactor)
    finally:
        reactor.close()
        timer_wheel.close()


async def _shut_down(reactor: Reactor) -> None:
    for file in reactor.files():
        if isinstance(file, TunedConnection):
            file.shut_down()
    reactor.flush()
    with suppress(TimeoutError):
        await asyncio.wait_for(reactor.emptied(), 1.5 * CLOSE_TIMEOUT_S)


class _Listener:
    """The listening socket, as a file of the epoll."""

    def __init__(
        self,
        sock: socket.socket,
        reactor: Reactor,
        open_connection: OpenConnection,
        tls: ssl.SSLContext | None,
    ) -> None:
        self._sock = sock
        self._reactor = reactor
        self._open_connection = open_connection
        self._tls = tls
        self._pause: asyncio.TimerHandle | None = None
        self._shortage = Shortage()
        self._listen()

    def _listen(self) -> None:
        self._pause = None
        self._reactor.add(self._sock.fileno(), self)

    def readable(self) -> None:
        for _ in range(MOST_ACCEPTED):
            try:
                sock, _address = self._sock.accept()
            except (BlockingIOError, ConnectionError):
                self._shortage.is_over()
                return
            except OSError as error:
                if error.errno not in EXHAUSTED:
                    raise
                # The socket stays readable: without the pause, the loop would spin.
                self._shortage.begins(error)
                self._reactor.remove(self._sock.fileno())
                self._pause = self._reactor.loop.call_later(PAUSE_S, self._listen)
                return
            try:
                connected = accepted(sock, self._tls)
            except OSError:
                sock.close()
                continue
            self._open_connection(connected)

    def writable(self) -> None:
        """Do nothing: the epoll never reports this for a listening socket."""

    def abort(self) -> None:
        if self._sock.fileno() < 0:
            return
        if self._pause is None:
            self._reactor.remove(self._sock.fileno())
        else:
            self._pause.cancel()
        self._sock.close()
