"""Among the claims: two members who talk while a third one's line stands still, or is not read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import repeat
from statistics import median

import msgspec

from lab.claims.listener import Listener
from lab.contract import Connection, ConnectOptions, Transport
from lab.load.closed_loop import ignore, round_trips
from lab.load.tapped import through
from lab.measure.server import ServerProcess
from lab.wire.network import Network
from lab.wire.relay import Relay

ROOM = "hall"
RTT_NS = 150_000_000
"""Long enough for a loaded machine's delays to be short beside it."""
SAYS = 5
FLOOD = 256
FLOOD_TEXT = "x" * 4096
"""A MiB in all, half of what a connection may have unsent before it is closed."""
KERNEL_BUFFER_BYTES = 64 * 1024
"""So that what is not read soon waits in the server, and not in the kernel."""
PATIENCE_S = 30.0


class Beside(msgspec.Struct, frozen=True):
    """What two members' replies take, in network round trips (the median), beside a third one.

    `moving`: whose line is like theirs. `still`: whose line carries nothing. `unread`: who takes
    nothing of what the server sends him, which is `unread_bytes` of text.
    `answered`: whether the third was answered while his line stood still, which it should not be.
    `missed`: messages that he has not got when all moved again.
    """

    moving: float
    still: float
    unread: float
    answered: bool
    missed: int
    unread_bytes: int = FLOOD * len(FLOOD_TEXT)

    @property
    def slowdown(self) -> float:
        """How many times as long a reply takes beside a line that is held up, at worst."""
        return max(self.still, self.unread) / self.moving


async def beside(wire: Transport, server: ServerProcess) -> Beside:
    """Let two members talk across an emulated network, and hold up the third.

    All three are in one room, so that the server has something for the third all the time. Each
    has one TCP connection, so that the third line can be told from the others.

    Raises:
        OSError: the server can't be reached.
        TimeoutError: a reply did not come within PATIENCE_S.
    """
    ear = Listener()
    async with _lines(server) as (relay, url), asyncio.timeout(PATIENCE_S):
        members: list[Connection] = []
        try:
            for listener in (ignore, ignore, ear):
                members.append(await wire.connect(url, listener, ConnectOptions()))
            joining = (member.join(ROOM, f"member {n}") for n, member in enumerate(members))
            await asyncio.gather(*joining)
            return await _hold_up(relay, members, ear)
        finally:
            relay.resume()
            await asyncio.gather(*(member.close() for member in members))


@asynccontextmanager
async def _lines(server: ServerProcess) -> AsyncIterator[tuple[Relay, str]]:
    port = int(server.ready["port"])
    network = Network(delay_ns=RTT_NS // 2)
    async with Relay(
        "127.0.0.1", port, network=network, kernel_buffer_bytes=KERNEL_BUFFER_BYTES
    ) as relay:
        yield relay, through(server.url, port, relay)


async def _hold_up(relay: Relay, members: list[Connection], ear: Listener) -> Beside:
    first, _, third = members
    line = relay.opened
    moving = await _talk(members)
    relay.stall("both", line)
    asking = asyncio.ensure_future(third.say(ROOM, "does anybody hear me?"))
    still = await _talk(members)
    answered = asking.done()
    relay.resume("both", line)
    await asking
    relay.stall("down", line)
    await asyncio.gather(*(first.say(ROOM, FLOOD_TEXT) for _ in range(FLOOD)))
    unread = await _talk(members)
    relay.resume("down", line)
    said = 3 * 2 * SAYS + 1 + FLOOD
    try:
        async with asyncio.timeout(PATIENCE_S / 2):
            await ear.has_heard(said)
    except TimeoutError:
        pass  # what is missing is counted
    return Beside(moving, still, unread, answered, said - len(ear.heard))


async def _talk(members: list[Connection]) -> float:
    """What a reply to the first two takes, in network round trips."""
    talking = (round_trips(member, ROOM, repeat("hello", SAYS)) for member in members[:2])
    both = await asyncio.gather(*talking)
    return median(sample for samples in both for sample in samples) / RTT_NS
