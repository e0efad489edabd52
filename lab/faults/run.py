"""One run: clients do random things, faults happen, and the history is judged."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from lab.chat.events import RoomEvent
from lab.contract import Connection, ConnectOptions, Transport
from lab.faults.client import Client, Notes, read_all
from lab.faults.history import Rule, Step, Violation, check, judged
from lab.faults.subject import Subject
from lab.relay.relay import Relay

LOST: tuple[Rule, ...] = ("a gap", "acknowledged and lost", "a departure lost", "began again")
TWICE: tuple[Rule, ...] = ("a repeat", "posted twice", "a key forgotten")

Fault = Literal["cut", "cut all", "stall", "pause", "kill", "clock", "full disk"]
WEIGHTS: dict[Fault, float] = {
    "cut": 70,
    "cut all": 8,
    "stall": 12,
    "pause": 6,
    "kill": 4,
    "clock": 6,
    "full disk": 6,
}
"""How often each fault happens. A killed server takes most of a second to come back."""
ALWAYS: tuple[Fault, ...] = ("cut", "cut all", "stall", "pause", "kill")
"""What can be done to each server: the others need one that was prepared for it."""
CLOCK_MS = 2 * 3600 * 1000
"""The most that a clock is wrong, in either direction."""
KILLED_WHEN_FULL = 0.3
"""How often a server is killed while its disk is full."""


class Script(msgspec.Struct, frozen=True, kw_only=True):
    """What happens. The same seed decides the same things, but not at the same instants.

    It ends after `seconds`, or after `cuts` cut connections. `every_s`: the mean time between two
    faults. `durable`: the rooms outlive their server.
    """

    seconds: float
    seed: int
    clients: int = 4
    cuts: int | None = None
    every_s: float = 0.15
    kinds: tuple[Fault, ...] = ALWAYS
    durable: bool = False
    read_s: float = 60
    """How long the departures of all clients may take at the end."""


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
    """Play the script. The server is ended afterwards.

    Raises:
        ServerDiedError: the server does not start.
        OSError: at the end the server can't be reached any more.
    """
    address = await subject.start()
    try:
        async with Relay(address.host, _port(address.url)) as relay:
            url = address.url.replace(f":{relay.target_port}", f":{relay.port}", 1)
            return await _Run(transport, subject, script, relay, url).play()
    finally:
        await subject.kill()


class _Run:
    def __init__(
        self, transport: Transport, subject: Subject, script: Script, relay: Relay, url: str
    ) -> None:
        self._transport = transport
        self._subject = subject
        self._script = script
        self._relay = relay
        self._url = url
        self._notes = Notes()
        self._rng = random.Random(script.seed)
        self._over = asyncio.Event()
        self._counts: Counter[str] = Counter()

    async def play(self) -> Found:
        clients = [
            Client(f"c{n}", self._connect, self._notes, random.Random(f"{self._script.seed} {n}"))
            for n in range(self._script.clients)
        ]
        async with asyncio.TaskGroup() as group:
            for client in clients:
                group.create_task(client.live(self._over))
            group.create_task(self._break())
        await read_all(self._connect, self._notes, self._script.read_s)
        history = self._notes.steps
        return Found(
            history,
            check(history, durable=self._script.durable),
            sum(client.operations for client in clients),
            dict(self._counts),
        )

    async def _connect(self, on_event: Callable[[RoomEvent], None]) -> Connection:
        return await self._transport.connect(self._url, on_event, ConnectOptions())

    async def _break(self) -> None:
        """Do one fault after the other, until the script is over."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self._script.seconds
        kinds = self._script.kinds
        try:
            while loop.time() < end and not self._enough():
                await asyncio.sleep(self._rng.expovariate(1 / self._script.every_s))
                (kind,) = self._rng.choices(kinds, [WEIGHTS[each] for each in kinds])
                await self._happen(kind)
        finally:
            self._relay.resume()
            self._over.set()

    def _enough(self) -> bool:
        cuts = self._script.cuts
        return cuts is not None and self._counts["connections cut"] >= cuts

    async def _happen(self, kind: Fault) -> None:
        live = self._relay.connections
        if not live and kind in ("cut", "cut all", "stall"):
            return
        self._counts[kind] += 1
        self._notes.add(who="faults", session=0, what="fault", text=kind)
        if kind == "cut":
            self._cut([self._rng.choice(live)])
        elif kind == "cut all":
            self._cut(live)
        elif kind == "stall":
            self._relay.stall()
            await asyncio.sleep(self._rng.uniform(0.02, 0.3))
            self._relay.resume()
        elif kind == "pause":
            await self._subject.pause(self._rng.uniform(0.02, 0.3))
        elif kind == "clock":
            self._subject.move_clock(self._rng.randint(-CLOCK_MS, CLOCK_MS))
        elif kind == "full disk":
            await self._fill_disk()
        else:
            await self._subject.kill()
            await self._start()

    async def _fill_disk(self) -> None:
        self._subject.fill_disk()
        await asyncio.sleep(self._rng.uniform(0.02, 0.5))
        kill = self._rng.random() < KILLED_WHEN_FULL
        if kill:
            await self._subject.kill()
        self._subject.empty_disk()
        if kill:
            await self._start()

    async def _start(self) -> None:
        address = await self._subject.start()
        self._relay.target_port = _port(address.url)

    def _cut(self, connections: list[int]) -> None:
        for number in connections:
            self._counts["connections cut"] += 1
            self._relay.cut(self._rng.choice(("rst", "fin")), number)


def _port(url: str) -> int:
    port = urlsplit(url).port
    assert port is not None
    return port
