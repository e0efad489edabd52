"""Holds many idle connections open, in their own process.

In their own process, so the CPU and memory of ten thousand clients do not count as the benchmark's.
Ending that process closes all of them at once.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterable
from multiprocessing.connection import Connection as Pipe
from typing import Any

from lab.chat.events import Joined
from lab.contract import Capability, Connection, ConnectOptions, Transport
from lab.load.child import Child
from lab.load.closed_loop import ignore
from lab.load.fleet import OPENING_AT_ONCE, JoinRefusedError
from lab.measure import collector, descriptors
from lab.measure.descriptors import SPARE, TooFewDescriptorsError

NEARLY_ALL = 0.9
"""If the descriptors allow at least this share of the connections, as many as possible are
measured. With fewer, the figure would be for another size, and nothing is measured."""


class IdleConnectionsError(RuntimeError):
    """The connections could not do what they should. The message says why."""


def sockets_each(transport: Transport) -> int:
    """The most TCP sockets that one client holds: one for the open GET, one for POSTs."""
    over_http = Capability.HTTP_SESSION in transport.capabilities
    return 2 if over_http and Capability.WEBSOCKET not in transport.capabilities else 1


def needed(transport: Transport, connections: int) -> int:
    """The descriptors that each side needs for this many connections."""
    return connections * sockets_each(transport) + SPARE


def fitting(transport: Transport, connections: int, limit: int) -> int:
    """How many of the connections the limit of descriptors allows.

    Raises:
        TooFewDescriptorsError: it is less than `NEARLY_ALL` of them.
    """
    fit = min(connections, (limit - SPARE) // sockets_each(transport))
    if fit < NEARLY_ALL * connections:
        raise TooFewDescriptorsError(_shortage(transport, connections, limit))
    return fit


def warning(transport: Transport, connections: int, limit: int) -> str | None:
    """The message to show if the limit does not allow all connections."""
    if needed(transport, connections) <= limit:
        return None
    said = _shortage(transport, connections, limit)
    try:
        return f"{said}; measured with {fitting(transport, connections, limit)}"
    except TooFewDescriptorsError:
        return f"{said}; not measured"


def _shortage(transport: Transport, connections: int, limit: int) -> str:
    want = needed(transport, connections)
    return (
        f"{transport.name}: {connections} connections need {want} file descriptors per process, "
        f"the limit is {limit} (raise it with: {descriptors.how_to_raise(want)})"
    )


class IdleConnections(Child):
    """Connections in their own process, which ends with this context.

    `open`, `join` and `alive` wait for the result. They raise CrowdError if they fail.
    """

    def __init__(self, transport: Transport, options: ConnectOptions) -> None:
        super().__init__(_main, transport, options)

    def open(self, url: str, count: int, within_s: float) -> int:
        """Open `count` more, or as many as the time allows. Returns how many there are now."""
        return self._ask("open", url, count, within_s)

    def join(self, room_size: int) -> int:
        """Let all join, in rooms of `room_size`. Returns how many have joined."""
        return self._ask("join", room_size)

    def alive(self) -> int:
        """How many connections are still open."""
        return self._ask("alive")

    def _ask(self, what: str, *arguments: object) -> int:
        try:
            self._pipe.send((what, *arguments))
            answer: int | str = self._pipe.recv()
        except (EOFError, OSError) as error:
            raise IdleConnectionsError("the process of the idle connections has ended") from error
        if isinstance(answer, str):
            raise IdleConnectionsError(answer)
        return answer


def _main(pipe: Pipe, transport: Transport, options: ConnectOptions) -> None:
    """The main function of the process."""
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # the parent handles Ctrl-C, and then ends this process
    # Under any settings, because a full collection over so many clients would stop all heartbeats.
    collector.calm()
    asyncio.run(_Inside(transport, options).obey(pipe))


class _Inside:
    """The connections, inside their own process."""

    def __init__(self, transport: Transport, options: ConnectOptions) -> None:
        self._transport = transport
        self._options = options
        self._connections: list[Connection] = []

    async def obey(self, pipe: Pipe) -> None:
        """Follow the parent's orders until it is gone. Heartbeats are answered meanwhile."""
        while True:
            try:
                what, *arguments = await asyncio.to_thread(pipe.recv)
            except EOFError:
                os._exit(0)  # do not spend time on thousands of closes
            pipe.send(await self._answer(what, arguments))

    async def _answer(self, what: str, arguments: list[Any]) -> int | str:
        try:
            if what == "open":
                await self._open(*arguments)
            elif what == "join":
                return await self._join(*arguments)
        except Exception as error:
            return f"{what}: {error!r}"
        return sum(not each.closed.done() for each in self._connections)

    async def _open(self, url: str, count: int, within_s: float) -> None:
        deadline = asyncio.get_running_loop().time() + within_s
        todo = iter(range(count))
        await _first_error(self._open_some(url, todo, deadline) for _ in range(OPENING_AT_ONCE))

    async def _open_some(self, url: str, todo: Iterable[int], deadline: float) -> None:
        for _ in todo:
            if asyncio.get_running_loop().time() > deadline:
                return
            opened = await self._transport.connect(url, ignore, self._options)
            self._connections.append(opened)

    async def _join(self, room_size: int) -> int:
        todo = iter(list(enumerate(self._connections)))
        await _first_error(self._join_some(todo, room_size) for _ in range(OPENING_AT_ONCE))
        return len(self._connections)

    async def _join_some(self, todo: Iterable[tuple[int, Connection]], room_size: int) -> None:
        for number, connection in todo:
            room = f"room {number // room_size}"
            reply = await connection.join(room, f"guest {number}")
            if not isinstance(reply, Joined):
                raise JoinRefusedError(f"guest {number} was refused: {reply}")


async def _first_error(work: Iterable[Any]) -> None:
    """Do all work concurrently. Raises the first error."""
    for outcome in await asyncio.gather(*work, return_exceptions=True):
        if outcome is not None:
            raise outcome
