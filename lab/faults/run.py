"""One run: clients do random things, faults happen, and the history is judged."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack

import msgspec

from lab.chat.events import RoomEvent
from lab.contract import Capability, Connection, ConnectOptions, Transport
from lab.faults.breaking import LOOK_S, Breaker, Place, placed
from lab.faults.client import Client, Notes, read_all
from lab.faults.history import Rule, Step, Violation, check, judged
from lab.faults.script import Script
from lab.faults.subject import Backplane, Subject

LOST: tuple[Rule, ...] = ("a gap", "acknowledged and lost", "a departure lost", "began again")
TWICE: tuple[Rule, ...] = ("a repeat", "posted twice", "a key forgotten")


class Found(msgspec.Struct, frozen=True):
    """A run's history, what it breaks, and how much there was of everything."""

    history: list[Step]
    violations: list[Violation]
    operations: int
    faults: dict[str, int]

    @property
    def acknowledged(self) -> int:
        """How many messages were acknowledged, each once."""
        return len({(s.who, s.key) for s in self.history if s.what == "said"})

    @property
    def judged(self) -> int:
        """How many of them were looked for in the log: see `judged`."""
        return judged(self.history)

    def count(self, *rules: str) -> int:
        """How many violations there are of these rules."""
        return sum(each.rule in rules for each in self.violations)


async def run(transport: Transport, subject: Subject, script: Script) -> Found:
    """Play the script on one server. It is ended afterwards.

    Raises:
        ServerDiedError: the server does not start.
        OSError: at the end the server can't be reached any more.
    """
    return await run_nodes(transport, [subject], script, None)


async def run_nodes(
    transport: Transport,
    subjects: Sequence[Subject],
    script: Script,
    backplane: Backplane | None,
) -> Found:
    """Play the script on all nodes that a backplane joins. See `run`."""
    by_quic = Capability.WEBTRANSPORT in transport.capabilities
    async with AsyncExitStack() as stack:
        places = [
            await stack.enter_async_context(placed(number, subject, by_quic=by_quic))
            for number, subject in enumerate(subjects, 1)
        ]
        try:
            return await _play(transport, places, script, backplane)
        except BaseExceptionGroup as group:
            raise _first(group) from None


async def _play(
    transport: Transport, places: Sequence[Place], script: Script, backplane: Backplane | None
) -> Found:
    async def connect(on_event: Callable[[RoomEvent], None], node: int) -> Connection:
        place = places[node]
        options = ConnectOptions(tls=place.subject.tls)
        return await transport.connect(place.url, on_event, options)

    notes, over = Notes(), asyncio.Event()
    breaker = Breaker(script, places, backplane, notes)
    clients = [
        Client(f"c{n}", connect, notes, random.Random(f"{script.seed} {n}"), len(places))
        for n in range(script.clients)
    ]
    async with asyncio.TaskGroup() as watching:
        nodes = places if backplane is not None else ()
        watches = [watching.create_task(breaker.look_after(place)) for place in nodes]
        async with asyncio.TaskGroup() as group:
            for client in clients:
                group.create_task(client.live(over))
            group.create_task(breaker.break_all(over))
        loop = asyncio.get_running_loop()
        deadline, node = loop.time() + script.read_s, 0
        while node == 0 or (node < len(places) and loop.time() < deadline):
            await read_all(connect, notes, deadline, node)
            node += 1
        while any(place.is_away for place in places):  # noqa: ASYNC110 - a node is being started
            await asyncio.sleep(LOOK_S)
        for watch in watches:
            watch.cancel()
    return Found(
        notes.steps,
        check(notes.steps, durable=script.durable),
        sum(client.operations for client in clients),
        dict(breaker.counts),
    )


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first error of a group that is none itself."""
    error = group.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error
