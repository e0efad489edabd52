"""The asyncio side: the clients of all users of this process, and what they measure.

It runs in one native thread of its own, with its own event loop. Locust's users are greenlets in
another thread. Every time is read in this process, so no two clocks are compared.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from lab.chat.events import Joined, Message, RoomEvent, Said
from lab.contract import Connection, ConnectOptions, Transport
from lab.measure.clock import now_ns

LOST_S = 10.0
"""After this time, a message that has not come back to its speaker is lost."""
MS_NS = 1_000_000


class LostError(Exception):
    """A message never came back to its speaker."""


class RefusedError(Exception):
    """The room refused a command."""


@dataclass(frozen=True)
class Measured:
    """One request, as Locust counts it. `kind`: `join`, `say` or `delivery`."""

    kind: str
    name: str
    ms: float
    length: int = 0
    error: Exception | None = None


@dataclass(frozen=True)
class OnItsWay:
    """A message that was said at `ns`. `lost` calls out if it does not come back in time."""

    ns: int
    speaker: Client
    lost: asyncio.TimerHandle


class Clients:
    """All clients of this process. `report` is called in the clients' thread."""

    def __init__(self, report: Callable[[Measured], None]) -> None:
        self.report = report
        self.on_their_way: dict[str, OnItsWay] = {}
        self._loop: asyncio.AbstractEventLoop
        self._tasks: set[asyncio.Task[None]] = set()

    def run(self, ready: Callable[[], None]) -> None:
        """Run a loop in this thread for ever. `ready` is called once it takes work."""
        # gevent's selector belongs to the thread in which the loop is made.
        self._loop = asyncio.new_event_loop()
        self._loop.call_soon(ready)
        self._loop.run_forever()

    def submit(self, work: Coroutine[Any, Any, Any], done: Callable[[Any], None]) -> None:
        """Run `work` in the clients' thread. Any thread may call it, once `run` is ready.

        `done` gets its result, or the exception, in the clients' thread.
        """
        self._loop.call_soon_threadsafe(self._start, work, done)

    def _start(self, work: Coroutine[Any, Any, Any], done: Callable[[Any], None]) -> None:
        task = self._loop.create_task(_run(work, done))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def heard(self, client: Client, message: Message) -> None:
        """Count a delivery to any member of this process."""
        said = self.on_their_way.get(message.text)
        if said is None:
            return  # another process said it
        ms = (now_ns() - said.ns) / MS_NS
        self.report(Measured("delivery", client.name, ms, len(message.text)))
        if client is said.speaker:
            said.lost.cancel()

    def expect(self, text: str, ns: int, speaker: Client) -> None:
        """Await the deliveries of a text that differs from all others."""
        timer = self._loop.call_later(LOST_S, self._lost, text)
        self.on_their_way[text] = OnItsWay(ns, speaker, timer)
        self._loop.call_later(LOST_S, self.on_their_way.pop, text, None)

    def _lost(self, text: str) -> None:
        said = self.on_their_way[text]
        error = LostError(f"not back within {LOST_S:g} s")
        self.report(Measured("delivery", said.speaker.name, LOST_S * 1000, len(text), error))


class Client:
    """One connection of one user. `name`: what Locust shows of it, the transport's name."""

    def __init__(self, clients: Clients, transport: Transport, url: str, room: str) -> None:
        self.name = transport.name
        self._clients = clients
        self._transport = transport
        self._url = url
        self._room = room
        self._connection: Connection | None = None
        self._closing = False

    async def join(self, member: str, options: ConnectOptions) -> None:
        """Connect, and enter the room. The time is that of both."""
        begun = now_ns()
        try:
            connecting = self._transport.connect(self._url, self._hear, options)
            self._connection = await connecting
            reply = await self._connection.join(self._room, member)
        except (OSError, TimeoutError) as error:
            self._report("join", begun, error)
            raise
        self._report("join", begun, None if isinstance(reply, Joined) else _refused(reply))

    async def say(self, text: str, begun_ns: int) -> None:
        """Say a text. Its time runs from `begun_ns`, when the user said it."""
        if self._connection is None:
            return
        self._clients.expect(text, begun_ns, self)
        try:
            reply = await self._connection.say(self._room, text)
        except ConnectionError as error:
            if not self._closing:
                self._report("say", begun_ns, error)
            return
        self._report("say", begun_ns, None if isinstance(reply, Said) else _refused(reply))

    async def close(self) -> None:
        """Leave. What is on its way is neither answered nor lost."""
        self._closing = True
        for each in self._clients.on_their_way.values():
            if each.speaker is self:
                each.lost.cancel()
        if self._connection is not None:
            await self._connection.close()

    def _hear(self, event: RoomEvent) -> None:
        if isinstance(event, Message):
            self._clients.heard(self, event)

    def _report(self, kind: str, begun_ns: int, error: Exception | None) -> None:
        ms = (now_ns() - begun_ns) / MS_NS
        self._clients.report(Measured(kind, self.name, ms, error=error))


async def _run(work: Coroutine[Any, Any, Any], done: Callable[[Any], None]) -> None:
    try:
        done(await work)
    except Exception as error:  # the caller raises it
        done(error)


def _refused(reply: object) -> RefusedError:
    return RefusedError(str(reply))
