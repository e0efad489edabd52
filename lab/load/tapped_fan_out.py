"""A room behind the relay: what one delivery takes on the wire, from the bytes; beside tapped.py.

Bytes and times are never taken together: nothing in here is timed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from lab.chat.events import RoomEvent
from lab.contract import Connection, ConnectOptions, Transport
from lab.load.fan_out import Audience, fan_out
from lab.load.fleet import Fleet
from lab.load.tapped import through
from lab.wire.conversations import conversations
from lab.wire.decode import decode
from lab.wire.relay import Chunk, LineEvent, Relay
from lab.wire.shares import Cost, items_of, mean
from lab.wire.tree import Trace

ROOM = "behind the relay"


class Deliveries(msgspec.Struct, frozen=True):
    """The messages that the decoder found on the way to members: how many, and the mean cost."""

    count: int
    cost: Cost | None


async def tapped_fan_out(
    wire: Transport,
    url: str,
    port: int,
    size: int,
    texts: Sequence[str],
    window: int,
    options: ConnectOptions,
) -> Deliveries:
    """Say every text to a room of `size` through a relay, `window` of them in flight.

    Raises:
        OSError: the server can't be reached.
        JoinRefusedError: a member was not let in.
    """
    chunks: list[Chunk] = []
    events: list[LineEvent] = []
    audience = Audience(size)
    async with Relay("127.0.0.1", port, tap=chunks.append, watch=events.append) as relay:

        async def connect(on_event: Callable[[RoomEvent], None]) -> Connection:
            return await wire.connect(through(url, port, relay), on_event, options)

        async with Fleet(connect, ROOM, audience.listeners()) as fleet:
            await fan_out(fleet.connections[0], ROOM, audience, texts, window)
    return _deliveries(decode(chunks, events))


def _deliveries(trace: Trace) -> Deliveries:
    """What brought a message; not who arrived and departed, who are smaller."""
    costs = [
        item.cost
        for conversation in conversations(trace)
        for item in items_of(conversation)
        if item.kind == "delivery" and item.name == "message"
    ]
    return Deliveries(len(costs), mean(costs))
