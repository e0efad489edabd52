"""Shared by the tuned wires: a listening socket, and an end within the contract's two seconds."""

from __future__ import annotations

import asyncio
import errno
import select
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from importlib import import_module
from importlib.util import find_spec

from lab.contract import ServeOptions
from transports._serving import BACKLOG, CLOSE_TIMEOUT_S
from transports._tuned_line import Line
from transports._tuned_reactor import Reactor
from transports._tuned_wheel import Wheel
from transports._versions import installed

MOST_ACCEPTED = 64
"""Connections taken in one turn, so that those there are don't wait for a crowd of new ones."""

EXHAUSTED = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
PAUSE_S = 1.0
"""How long nobody is let in where the kernel has no more files or memory to give."""

OpenLine = Callable[[socket.socket], Line]


def unavailable() -> str | None:
    """Why the tuned wires can't run on this system; None where they can."""
    return None if hasattr(select, "epoll") else "needs epoll: run it on Linux"


def new_event_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """That of uvloop where it is installed: its turn is some microseconds shorter."""
    if find_spec("uvloop") is None:
        return None
    made: Callable[[], asyncio.AbstractEventLoop] = import_module("uvloop").new_event_loop
    return made


def event_loop() -> str:
    """The loop of a process that only serves, for a reader of the figures."""
    return "asyncio" if new_event_loop() is None else str(installed("uvloop"))


@asynccontextmanager
async def listening(
    options: ServeOptions, reactor: Reactor, wheel: Wheel, open_line: OpenLine
) -> AsyncIterator[int]:
    """Serve until the context is left, then close `reactor` and `wheel`; yields the port.

    Raises:
        OSError: the address can't be listened on.
    """
    try:
        sock = await bound(options.host, options.port)
        listener = _Listener(sock, reactor, open_line)
        try:
            yield sock.getsockname()[1]
        finally:
            listener.abort()
            await _say_goodbye(reactor)
    finally:
        reactor.close()
        wheel.close()


async def _say_goodbye(reactor: Reactor) -> None:
    for file in reactor.files():
        if isinstance(file, Line):
            file.goodbye()
    reactor.flush()
    with suppress(TimeoutError):
        await asyncio.wait_for(reactor.emptied(), 1.5 * CLOSE_TIMEOUT_S)


class _Listener:
    """The listening socket among the files of the epoll."""

    def __init__(self, sock: socket.socket, reactor: Reactor, open_line: OpenLine) -> None:
        self._sock = sock
        self._reactor = reactor
        self._open_line = open_line
        self._pause: asyncio.TimerHandle | None = None
        self._listen()

    def _listen(self) -> None:
        self._pause = None
        self._reactor.add(self._sock.fileno(), self)

    def readable(self) -> None:
        for _ in range(MOST_ACCEPTED):
            try:
                sock, _address = self._sock.accept()
            except (BlockingIOError, ConnectionError):
                return
            except OSError as error:
                if error.errno not in EXHAUSTED:
                    raise
                self._reactor.remove(self._sock.fileno())
                self._pause = self._reactor.loop.call_later(PAUSE_S, self._listen)
                return
            sock.setblocking(False)
            self._open_line(sock)

    def writable(self) -> None:
        """It is not asked for."""

    def abort(self) -> None:
        if self._sock.fileno() < 0:
            return
        if self._pause is None:
            self._reactor.remove(self._sock.fileno())
        else:
            self._pause.cancel()
        self._sock.close()


async def bound(host: str, port: int) -> socket.socket:
    """A listening socket whose calls never block, and whose connections wait for nothing.

    Raises:
        OSError: the address can't be listened on.
    """
    addresses = await asyncio.get_running_loop().getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    family, _type, _protocol, _name, address = addresses[0]
    sock = socket.create_server(address[:2], family=family, backlog=BACKLOG)
    sock.setblocking(False)
    # Inherited by what is accepted. Every write here is a whole one: nothing is to be waited for.
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock
