"""Counts the bytes of one delivery, for a room behind the relay.

Nothing here is timed: bytes and times are never measured together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from lab.chat.events import RoomEvent
from lab.contract import Connection, ConnectOptions, Transport
from lab.decode.tree import Trace
from lab.ledger.conversations import conversations
from lab.ledger.shares import ByteCost, items_of, mean
from lab.load.fan_out import Audience, fan_out
from lab.load.fleet import Fleet
from lab.load.tapped import Capture, through, trace_of
from lab.relay.relay import Chunk, ConnectionEvent, Relay

ROOM = "behind the relay"


class Deliveries(msgspec.Struct, frozen=True):
    """The decoded messages to members: how many there were, and their mean cost."""

    count: int
    cost: ByteCost | None


async def tapped_fan_out(
    transport: Transport,
    url: str,
    port: int,
    size: int,
    texts: Sequence[str],
    window: int,
    options: ConnectOptions,
) -> Deliveries:
    """Say every text to a room of `size` through a relay, with `window` in flight.

    Raises:
        OSError: the server can't be reached.
        JoinRefusedError: the room refused a member.
    """
    chunks: list[Chunk] = []
    events: list[ConnectionEvent] = []
    audience = Audience(size)
    async with Relay("127.0.0.1", port, tap=chunks.append, watch=events.append) as relay:

        async def connect(on_event: Callable[[RoomEvent], None]) -> Connection:
            return await transport.connect(through(url, port, relay), on_event, options)

        async with Fleet(connect, ROOM, audience.listeners()) as fleet:
            await fan_out(fleet.connections[0], ROOM, audience, texts, window)
    return _deliveries(trace_of(Capture(chunks, events, relay.total), options.tls))


def _deliveries(trace: Trace) -> Deliveries:
    """Whether it is a message. `arrived` and `departed` are smaller, and are left out."""
    costs = [
        item.cost
        for conversation in conversations(trace)
        for item in items_of(conversation)
        if item.kind == "delivery" and item.name == "message"
    ]
    return Deliveries(len(costs), mean(costs))
