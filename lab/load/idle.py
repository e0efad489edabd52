"""Idle connections: a crowd of them, held open by a process of its own; beside the load loops.

Of its own, so that the CPU and the memory of ten thousand clients are none of the benchmark's, and
so that ending one process lets all of them go at once.
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
"""With descriptors for this share of the connections, as many as fit are measured; with fewer,
the figure would be of another size, and is refused."""


class CrowdError(RuntimeError):
    """The crowd could not do what it was told; the message says why."""


def sockets_each(wire: Transport) -> int:
    """The most TCP sockets that one client holds: a GET stays open, and POSTs go beside it."""
    over_http = Capability.HTTP_SESSION in wire.capabilities
    return 2 if over_http and Capability.WEBSOCKET not in wire.capabilities else 1


def needed(wire: Transport, connections: int) -> int:
    """The descriptors that either side needs for so many connections."""
    return connections * sockets_each(wire) + SPARE


def fitting(wire: Transport, connections: int, limit: int) -> int:
    """How many of the connections fit under the limit of descriptors.

    Raises:
        TooFewDescriptorsError: they are not nearly all.
    """
    fit = min(connections, (limit - SPARE) // sockets_each(wire))
    if fit < NEARLY_ALL * connections:
        raise TooFewDescriptorsError(_shortage(wire, connections, limit))
    return fit


def warning(wire: Transport, connections: int, limit: int) -> str | None:
    """What to say before measuring where the limit does not allow all of the connections."""
    if needed(wire, connections) <= limit:
        return None
    said = _shortage(wire, connections, limit)
    try:
        return f"{said}; measured with {fitting(wire, connections, limit)}"
    except TooFewDescriptorsError:
        return f"{said}; not measured"


def _shortage(wire: Transport, connections: int, limit: int) -> str:
    want = needed(wire, connections)
    return (
        f"{wire.name}: {connections} connections need {want} file descriptors in each process, "
        f"the limit is {limit} (raise it with: {descriptors.how_to_raise(want)})"
    )


class Crowd(Child):
    """Connections in a process of their own, which ends with this context.

    `open`, `join` and `alive` raise CrowdError where they fail; their calls wait for the outcome.
    """

    def __init__(self, wire: Transport, options: ConnectOptions) -> None:
        super().__init__(_main, wire, options)

    def open(self, url: str, count: int, within_s: float) -> int:
        """Open `count` more, or as many as the time allows; how many there are now."""
        return self._ask("open", url, count, within_s)

    def join(self, room_size: int) -> int:
        """Let all join, in rooms of `room_size`; how many have."""
        return self._ask("join", room_size)

    def alive(self) -> int:
        """How many are still connected."""
        return self._ask("alive")

    def _ask(self, what: str, *arguments: object) -> int:
        try:
            self._pipe.send((what, *arguments))
            answer: int | str = self._pipe.recv()
        except (EOFError, OSError) as error:
            raise CrowdError("the process of the idle connections has ended") from error
        if isinstance(answer, str):
            raise CrowdError(answer)
        return answer


def _main(pipe: Pipe, wire: Transport, options: ConnectOptions) -> None:
    """The crowd's process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # its owner's to handle, who then ends it
    # Under any setting: with so many clients a full collection would stop all heartbeats at once.
    collector.calm()
    asyncio.run(_Inside(wire, options).obey(pipe))


class _Inside:
    """The crowd as seen from its own process."""

    def __init__(self, wire: Transport, options: ConnectOptions) -> None:
        self._wire = wire
        self._options = options
        self._connections: list[Connection] = []

    async def obey(self, pipe: Pipe) -> None:
        """Do as told until the owner is gone; heartbeats are answered all the while."""
        while True:
            try:
                what, *arguments = await asyncio.to_thread(pipe.recv)
            except EOFError:
                os._exit(0)  # nobody is left for whom to say thousands of goodbyes
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
            opened = await self._wire.connect(url, ignore, self._options)
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
    """All of the work at once; what went wrong first."""
    for outcome in await asyncio.gather(*work, return_exceptions=True):
        if outcome is not None:
            raise outcome
