"""Repeats the Umeå study: Socket.IO over WebSocket and over WebTransport where packets are lost.

Published: Carl Gulliksson, "Empirical analysis of the impact of packet loss on WebTransport using
Socket.IO", Umeå 2024, http://umu.diva-portal.org/smash/record.jsf?pid=diva2:1876796. Only its
abstract is public. It has sentences and no figures, so a measurement can only say which of them
hold here.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from statistics import fmean, median
from typing import Any

import msgspec

from lab.contract import Transport
from lab.link import Link
from lab.load.across import served_across
from lab.load.closed_loop import ignore, round_trips
from lab.load.fleet import Connect
from lab.load.lossy import MS, losing
from lab.load.lost_packet import OtherRoom, Run, enter, loop_on
from lab.load.texts import incompressible
from lab.measure import histogram
from lab.measure.replicas import over_tls

WEBSOCKET, WEBTRANSPORT = "socketio-websocket+tls", "socketio-webtransport"
LABELS = (WEBSOCKET, WEBTRANSPORT)
"""Both over TLS: there is no WebTransport without it."""
PERCENTS = (0, 5, 15)
"""Packets that are lost in each direction, as in the study."""
ALONE, TOGETHER = 1, 8
"""How many messages are on their way at once, each in a room of its own."""
TEXT_BYTES = 64
TRIALS = 5
"""How often a pass loses one packet of another room."""

Case = tuple[int, int]
"""How many messages at once, and the percentage of lost packets."""
CASES: tuple[Case, ...] = tuple(
    (at_once, percent) for at_once in (ALONE, TOGETHER) for percent in PERCENTS
)
STEPS = len(LABELS) * (len(CASES) + 1)
"""Measurements of a pass: each case, and the lost packet of another room, on both."""


class Trips(msgspec.Struct, frozen=True):
    """Round trips of the messages of one pass, in ms."""

    p50: float
    p99: float
    mean: float


class Behind(msgspec.Struct, frozen=True):
    """How long a message takes to the client in one pass, one way: the median of some, in ms.

    It is right behind the message of another room, on the same connection. `none`: nothing is lost.
    `lost`: the packet with the other room's message is.
    """

    none: float
    lost: float


class Redone(msgspec.Struct, frozen=True):
    """All that was measured: label -> one value per pass."""

    trips: Mapping[Case, Mapping[str, Sequence[Trips]]]
    behind: Mapping[str, Sequence[Behind]]


class _Study:
    """The link, with the server of each label on its far side."""

    def __init__(
        self,
        link: Link,
        connects: Mapping[str, Connect],
        on_client: Run[Any],
        on_server: Run[Any],
        texts: Sequence[str],
    ) -> None:
        self._link = link
        self._connects = connects
        self._on_client = on_client
        self._on_server = on_server
        self._texts = texts

    async def trips(self, label: str, case: Case, chance: int) -> Trips:
        """Say texts over a new connection, which is opened and closed while nothing is lost."""
        taken: list[int] = await self._on_client(self._say(self._connects[label], case, chance))
        found = histogram.from_samples(taken)
        p50, p99 = (found.percentile_ns(at) / MS for at in (50, 99))
        return Trips(p50=p50, p99=p99, mean=fmean(taken) / MS)

    async def _say(self, connect: Connect, case: Case, chance: int) -> list[int]:
        at_once, percent = case
        rooms = [f"room {number}" for number in range(at_once)]
        connection = await enter(connect, ignore, rooms, "speaker")
        try:
            self._link.change(losing(percent, chance))
            loops = [round_trips(connection, room, self._texts) for room in rooms]
            return [each for taken in await asyncio.gather(*loops) for each in taken]
        finally:
            self._link.change(losing(0, chance))
            await connection.close()

    async def behind(self, label: str) -> Behind:
        """Time a room's message behind another's, whose packet is lost or not."""
        rooms = OtherRoom(self._link, self._connects[label], self._on_server)
        none, lost = [
            median(await self._on_client(rooms.delays(1, TRIALS, lose))) / MS
            for lose in (False, True)
        ]
        return Behind(none=none, lost=lost)


async def redo(
    transports: Mapping[str, Transport],
    passes: int,
    messages: int,
    seed: int,
    advance: Callable[[], None],
) -> Redone:
    """Measure both in interleaved passes, on a link of their own.

    `transports`: of `LABELS`. `messages`: of each room in each case. `seed`: of the loss, the order
    and the texts; in a pass both meet the same chance. `advance` is called after each of a pass's
    `STEPS`.

    Raises:
        LinkError: no link can be opened here.
        NotLostError: another packet than that of the other room was lost.
        OSError, ServerDiedError, JoinRefusedError, RefusedError: something ended too early.
    """
    trips: dict[Case, dict[str, list[Trips]]] = {
        case: {label: [] for label in LABELS} for case in CASES
    }
    behind: dict[str, list[Behind]] = {label: [] for label in LABELS}
    chance = random.Random(seed)
    with ExitStack() as stack:
        study = _opened(stack, transports, messages, seed)
        for label in LABELS:
            await study.trips(label, (ALONE, 0), seed)  # a server's first messages are slower
        for _ in range(passes):
            drawn = chance.getrandbits(32)
            for case in CASES:
                for label in _shuffled(chance):
                    trips[case][label].append(await study.trips(label, case, drawn))
                    advance()
            for label in _shuffled(chance):
                behind[label].append(await study.behind(label))
                advance()
    return Redone(trips, behind)


def _shuffled(chance: random.Random) -> list[str]:
    return chance.sample(LABELS, len(LABELS))


def _opened(
    stack: ExitStack, transports: Mapping[str, Transport], messages: int, seed: int
) -> _Study:
    link = stack.enter_context(Link(losing(0, seed)))
    connects = {
        label: stack.enter_context(served_across(link, transports[label], bool(over_tls(label))))
        for label in LABELS
    }
    on_client: Run[Any] = stack.enter_context(loop_on(link, "client"))
    on_server: Run[Any] = stack.enter_context(loop_on(link, "server"))
    texts = incompressible(TEXT_BYTES, messages, seed)
    return _Study(link, connects, on_client, on_server, texts)
