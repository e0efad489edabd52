"""Breaks connections, servers, and what joins them, one thing after the other."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any, Literal
from urllib.parse import urlsplit

from lab.faults.client import Notes
from lab.faults.script import CLOCK_MS, FULL_S, KILLED_WHEN_FULL, WEIGHTS, Fault, Script
from lab.faults.subject import Backplane, Subject
from lab.relay.datagrams import ADDRESS, DatagramRelay
from lab.relay.relay import Relay

OUT = ("taken this one for dead", "Redis has not answered for")
"""Why a node may end by itself: its lease was over."""
OF_REDIS: tuple[Fault, ...] = ("kill Redis", "full memory")
LOOK_S = 0.05

Cut = Callable[[Literal["rst", "fin"]], None]
"""Cuts one connection."""


class Place:
    """A server, and the relays by which clients reach it. `is_away`: something is done to it."""

    def __init__(
        self, number: int, subject: Subject, relays: Sequence[Relay | DatagramRelay], url: str
    ) -> None:
        self.number = number
        self.subject = subject
        self._relays = relays
        self.url = url
        self.is_away = False

    async def start(self) -> None:
        """Begin a life of the server."""
        address = await self.subject.start()
        for relay in self._relays:
            relay.target_port = _port(address.url)

    def cuts(self) -> list[Cut]:
        """What cuts each live connection. To cut QUIC is to lose its datagrams: nobody is told."""
        found: list[Cut] = []
        for relay in self._relays:
            if isinstance(relay, Relay):
                found += [partial(relay.cut, connection=each) for each in relay.connections]
            else:
                found += [partial(_lose, relay, client) for client in relay.connections]
        return found

    async def stall(self, seconds: float) -> None:
        """Let no byte pass for a while. Of QUIC what comes meanwhile is lost."""
        for relay in self._relays:
            relay.stall()
        await asyncio.sleep(seconds)
        self.resume()

    def resume(self) -> None:
        """Let all pass."""
        for relay in self._relays:
            relay.resume()

    async def restart(self) -> None:
        """End the server's life without any warning, and begin the next one."""
        await self.subject.kill()
        await self.start()


@asynccontextmanager
async def placed(number: int, subject: Subject, *, by_quic: bool) -> AsyncIterator[Place]:
    """Start a server behind a relay, and one for UDP at the same port if clients come `by_quic`.

    The server is ended afterwards.

    Raises:
        ServerDiedError: the server does not start.
        OSError: there is no such port for UDP.
    """
    address = await subject.start()
    try:
        async with AsyncExitStack() as stack:
            host, port = address.host, _port(address.url)
            relay = await stack.enter_async_context(Relay(host, port))
            relays: list[Relay | DatagramRelay] = [relay]
            if by_quic:
                beside = DatagramRelay(host, port, relay.port)
                relays.append(await stack.enter_async_context(beside))
            url = address.url.replace(f":{port}", f":{relay.port}", 1)
            yield Place(number, subject, relays, url)
    finally:
        await subject.kill()


class Breaker:
    """Does what a script says. `counts`: what it has done, by its kind."""

    def __init__(
        self, script: Script, places: Sequence[Place], backplane: Backplane | None, notes: Notes
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._script = script
        self._places = places
        self._backplane = backplane
        self._notes = notes
        self._rng = random.Random(script.seed)
        self._is_redis_away = False
        self._lasting: asyncio.TaskGroup

    async def break_all(self, over: asyncio.Event) -> None:
        """Do one fault after the other, until the script is over. Sets `over` then."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self._script.seconds
        kinds = self._script.kinds
        try:
            async with asyncio.TaskGroup() as self._lasting:
                while loop.time() < end and not self._enough():
                    await asyncio.sleep(self._rng.expovariate(1 / self._script.every_s))
                    (kind,) = self._rng.choices(kinds, [WEIGHTS[each] for each in kinds])
                    await self._happen(kind)
                over.set()
        finally:
            for place in self._places:
                place.resume()
            over.set()

    async def look_after(self, place: Place) -> None:
        """Start a node again when it has ended by itself, as whatever runs it would."""
        while True:
            why = None if place.is_away else place.subject.ended()
            if why is not None:
                self.counts["node out"] += 1
                is_out = any(each in why for each in OUT)
                event = "out" if is_out else "failed"
                text = f"node {place.number}" if is_out else f"node {place.number}: {why}"
                self._notes.add(who="faults", session=0, what="fault", event=event, text=text)
                place.is_away = True
                await _away(place, place.restart())
            await asyncio.sleep(LOOK_S)

    def _enough(self) -> bool:
        cuts = self._script.cuts
        return cuts is not None and self.counts["connections cut"] >= cuts

    async def _happen(self, kind: Fault) -> None:
        if kind in ("cut", "cut all"):
            self._cut(kind)
        elif kind in OF_REDIS or (kind == "full disk" and self._backplane is not None):
            self._break_redis(kind)
        else:
            await self._befall(kind)

    def _cut(self, kind: Fault) -> None:
        live = [cut for place in self._places for cut in place.cuts()]
        if not live:
            return
        self._note(kind)
        for cut in live if kind == "cut all" else [self._rng.choice(live)]:
            self.counts["connections cut"] += 1
            cut(self._rng.choice(("rst", "fin")))

    def _break_redis(self, kind: Fault) -> None:
        """Do something to Redis, unless something is done to it already. All is drawn before."""
        backplane, uniform = self._backplane, self._rng.uniform
        assert backplane is not None
        if kind == "kill Redis":
            doing = partial(backplane.restart, uniform(0, 1.2) * backplane.lease_s)
        elif kind == "full memory":
            doing = partial(backplane.fill_memory, uniform(*FULL_S))
        else:
            kill = self._rng.random() < KILLED_WHEN_FULL
            doing = partial(backplane.fill_disk, uniform(*FULL_S), kill)
        if not self._is_redis_away:
            self._note(kind)
            self._is_redis_away = True
            self._lasting.create_task(self._redis_away(doing()))

    async def _redis_away(self, doing: Coroutine[Any, Any, None]) -> None:
        try:
            await doing
        finally:
            self._is_redis_away = False

    async def _befall(self, kind: Fault) -> None:
        """Do something to one server. What lasts leaves one of several as it is."""
        well = [place for place in self._places if not place.is_away]
        lasts = self._backplane is not None and kind in ("kill", "stop", "cut off")
        if len(well) < (2 if lasts else 1):
            return
        place = self._rng.choice(well)
        if kind == "stall" and not place.cuts():
            return
        self._note(kind, place)
        doing = self._doing(kind, place)
        if lasts:
            place.is_away = True
            self._lasting.create_task(_away(place, doing))
        else:
            await doing

    def _doing(self, kind: Fault, place: Place) -> Coroutine[Any, Any, None]:
        """What a fault does to a server. All that is random is decided now."""
        lease_s = 0.0 if self._backplane is None else self._backplane.lease_s
        if kind == "stall":
            return place.stall(self._rng.uniform(0.02, 0.3))
        if kind == "pause":
            return place.subject.pause(self._rng.uniform(0.02, 0.3))
        if kind == "stop":
            return place.subject.pause(self._rng.uniform(1.2, 2) * lease_s)
        if kind == "cut off":
            assert self._backplane is not None
            return _cut_off(self._backplane, place, self._rng.uniform(0.3, 2.5) * lease_s)
        if kind == "clock":
            return _move_clock(place, self._rng.randint(-CLOCK_MS, CLOCK_MS))
        if kind == "full disk":
            seconds = self._rng.uniform(*FULL_S)
            return _fill_disk(place, seconds, self._rng.random() < KILLED_WHEN_FULL)
        return place.restart()

    def _note(self, kind: Fault, place: Place | None = None) -> None:
        self.counts[kind] += 1
        where = "" if place is None or self._backplane is None else f" node {place.number}"
        self._notes.add(who="faults", session=0, what="fault", text=kind + where)


async def _away(place: Place, doing: Coroutine[Any, Any, None]) -> None:
    try:
        await doing
    finally:
        place.is_away = False


def _lose(relay: DatagramRelay, client: ADDRESS, _how: str) -> None:
    relay.cut(client)


async def _cut_off(backplane: Backplane, place: Place, seconds: float) -> None:
    backplane.stall(place.number)
    try:
        await asyncio.sleep(seconds)
    finally:
        backplane.resume(place.number)


async def _move_clock(place: Place, offset_ms: int) -> None:
    place.subject.move_clock(offset_ms)


async def _fill_disk(place: Place, seconds: float, kill: bool) -> None:
    place.subject.fill_disk()
    await asyncio.sleep(seconds)
    if kill:
        await place.subject.kill()
    place.subject.empty_disk()
    if kill:
        await place.start()


def _port(url: str) -> int:
    port = urlsplit(url).port
    assert port is not None
    return port
