"""Measures two members' replies while a third member's connection stalls or stays unread."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import repeat
from statistics import median

import msgspec

from lab.claims._support.listener import Listener
from lab.contract import Connection, ConnectOptions, Transport
from lab.load.closed_loop import ignore, round_trips
from lab.load.tapped import through
from lab.measure.server import ServerProcess
from lab.relay.network import Network
from lab.relay.relay import Relay

ROOM = "lobby"
RTT_NS = 150_000_000
"""Long compared with the delays of a busy machine."""
SAYS = 5
FLOOD = 256
FLOOD_TEXT = "x" * 4096
"""1 MiB in total: half of the unsent bytes at which the server closes a connection."""
KERNEL_BUFFER_BYTES = 64 * 1024
"""Small, so that unread bytes soon wait in the server and not in the kernel."""
PATIENCE_S = 30.0


class StalledMemberEffect(msgspec.Struct, frozen=True):
    """What two members' replies take, in network round trips (median), beside a third member.

    `moving`: the third member's connection is normal. `still`: it carries nothing. `unread`: the
    third member reads nothing of what the server sends, `unread_bytes` of text.
    `answered`: whether the third got a reply while its connection was stalled; it should not.
    `missed`: messages that the third did not receive after the stall.
    """

    moving: float
    still: float
    unread: float
    answered: bool
    missed: int
    unread_bytes: int = FLOOD * len(FLOOD_TEXT)

    @property
    def slowdown(self) -> float:
        """How many times as long a reply takes beside a stalled connection, at worst."""
        return max(self.still, self.unread) / self.moving


async def stalled_member_effect(transport: Transport, server: ServerProcess) -> StalledMemberEffect:
    """Let two members exchange messages over an emulated network, and stall the third.

    All three are in one room, so the server always has something to send to the third. Each has
    one TCP connection, so the relay can stall the third alone.

    Raises:
        OSError: the server can't be reached.
        TimeoutError: a reply did not come within PATIENCE_S.
    """
    listener = Listener()
    async with _relayed(server) as (relay, url), asyncio.timeout(PATIENCE_S):
        members: list[Connection] = []
        try:
            for on_event in (ignore, ignore, listener):
                members.append(await transport.connect(url, on_event, ConnectOptions()))
            joining = (member.join(ROOM, f"member {n}") for n, member in enumerate(members))
            await asyncio.gather(*joining)
            return await _hold_up(relay, members, listener)
        finally:
            relay.resume()
            await asyncio.gather(*(member.close() for member in members))


@asynccontextmanager
async def _relayed(server: ServerProcess) -> AsyncIterator[tuple[Relay, str]]:
    port = int(server.ready["port"])
    network = Network(delay_ns=RTT_NS // 2)
    async with Relay(
        "127.0.0.1", port, network=network, kernel_buffer_bytes=KERNEL_BUFFER_BYTES
    ) as relay:
        yield relay, through(server.url, port, relay)


async def _hold_up(
    relay: Relay, members: list[Connection], listener: Listener
) -> StalledMemberEffect:
    first, _, third = members
    stalled = relay.opened
    moving = await _reply_rtts(members)
    relay.stall("both", stalled)
    sending = asyncio.ensure_future(third.say(ROOM, "is anybody there?"))
    still = await _reply_rtts(members)
    answered = sending.done()
    relay.resume("both", stalled)
    await sending
    relay.stall("down", stalled)
    await asyncio.gather(*(first.say(ROOM, FLOOD_TEXT) for _ in range(FLOOD)))
    unread = await _reply_rtts(members)
    relay.resume("down", stalled)
    said = 3 * 2 * SAYS + 1 + FLOOD
    try:
        async with asyncio.timeout(PATIENCE_S / 2):
            await listener.has_heard(said)
    except TimeoutError:
        pass  # the result counts what is missing
    return StalledMemberEffect(moving, still, unread, answered, said - len(listener.heard))


async def _reply_rtts(members: list[Connection]) -> float:
    """The time of a reply to the first two members, in network round trips."""
    timing = (round_trips(member, ROOM, repeat("hello", SAYS)) for member in members[:2])
    both = await asyncio.gather(*timing)
    return median(sample for samples in both for sample in samples) / RTT_NS
