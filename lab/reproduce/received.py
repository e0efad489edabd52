"""Measures what one received message costs in bytes on the wire, for the "quantum leap".

Listener and sender are two clients: an acknowledgement in the same poll would make the delivery
look cheaper. Bytes are counted and nothing is timed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec

from lab.chat.events import Joined, Message, RoomEvent
from lab.contract import Connection, ConnectOptions, Transport
from lab.decode.decode import decode
from lab.ledger.ledger import ByteCost, Entry, LabelledBytes, ledger
from lab.load.closed_loop import ignore
from lab.load.fleet import JoinRefusedError
from lab.load.tapped import through
from lab.load.texts import incompressible
from lab.measure.server import ServerProcess
from lab.relay.relay import Chunk, ConnectionEvent, Relay

PATIENCE_S = 30.0
ROOM = "lobby"


class NotCountedError(RuntimeError):
    """The captured bytes are not the ones to count."""


class Received(msgspec.Struct, frozen=True):
    """The average cost of a message: to receive it (`cost`) and to send it (`said`).

    `cost.up` is what the listener sends for it: nothing, or its poll. `said` holds the command and
    its reply.
    """

    transport: str
    text_bytes: int
    messages: int
    cost: ByteCost
    said: ByteCost

    @property
    def down(self) -> LabelledBytes:
        """The bytes toward the listener, with the text."""
        return self.cost.down

    @property
    def polls(self) -> bool:
        """Whether HTTP carries the messages."""
        return self.http_bytes > 0

    @property
    def http_bytes(self) -> float:
        """The HTTP headers of the poll and of its response."""
        return self.cost.up.http + self.cost.down.http

    @property
    def framing_bytes(self) -> float:
        """Frame headers, packet types and the like, in both directions."""
        return self.cost.up.framing + self.cost.down.framing

    @property
    def envelope_bytes(self) -> float:
        """What the application adds to the text: the event's JSON without it."""
        return self.cost.up.payload + self.cost.down.payload - self.text_bytes

    @property
    def overhead_bytes(self) -> float:
        """Everything but the text, in both directions."""
        return self.cost.up.total + self.cost.down.total - self.text_bytes

    @property
    def said_overhead_bytes(self) -> float:
        """Everything but the text when sending: the command, its reply and their carriers."""
        return self.said.up.total + self.said.down.total - self.text_bytes


def receive(transport: Transport, text_bytes: int, messages: int) -> Received:
    """Serve the transport, send `messages` texts to one listener, one at a time, and count.

    Raises:
        NotCountedError: a message is missing in the captured bytes, or shares a carrier.
        ServerDiedError: the server did not start.
        TimeoutError, OSError: a delivery did not arrive.
    """
    chunks: list[Chunk] = []
    events: list[ConnectionEvent] = []
    texts = incompressible(text_bytes, messages)
    with ServerProcess(transport.name) as server:
        port = server.ready["port"]
        relay = Relay("127.0.0.1", port, tap=chunks.append, watch=events.append)
        asyncio.run(_converse(transport, server.url, port, relay, texts))
    entries = ledger(decode(chunks, events)).entries
    return _received(transport.name, text_bytes, messages, entries)


async def _converse(
    transport: Transport, url: str, port: int, relay: Relay, texts: list[str]
) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    async with asyncio.timeout(PATIENCE_S), relay:
        there = through(url, port, relay)
        # The sender joins first and leaves last, so that the listener receives only texts.
        speaker = await _joined(transport, there, "speaker", ignore)
        listener = await _joined(transport, there, "listener", _into(heard))
        for text in texts:
            await speaker.say(ROOM, text)
            while await heard.get() != text:
                pass
        await listener.close()
        await speaker.close()


def _into(heard: asyncio.Queue[str]) -> Callable[[RoomEvent], None]:
    def listen(event: RoomEvent) -> None:
        if isinstance(event, Message):
            heard.put_nowait(event.text)

    return listen


async def _joined(
    transport: Transport, url: str, name: str, on_event: Callable[[RoomEvent], None]
) -> Connection:
    connection = await transport.connect(url, on_event, ConnectOptions())
    reply = await connection.join(ROOM, name)
    if not isinstance(reply, Joined):
        raise JoinRefusedError(f"{name} was refused: {reply}")
    return connection


def _received(
    transport: str, text_bytes: int, messages: int, entries: tuple[Entry, ...]
) -> Received:
    """Tell the two conversations apart: one client sent all texts, the other none."""
    speakers = [entry for entry in entries if entry.messages == messages]
    listeners = [entry for entry in entries if not entry.messages and entry.deliveries == messages]
    if len(entries) != 2 or len(speakers) != 1 or len(listeners) != 1:
        raise NotCountedError(
            f"expected {messages} messages from one client to another, found: "
            + "; ".join(f"{each.messages} sent, {each.deliveries} received" for each in entries)
        )
    batching = listeners[0].batching
    if batching is not None and batching.http_responses != messages:
        raise NotCountedError(f"{messages} messages arrived in {batching.http_responses} responses")
    cost, said = listeners[0].delivery, speakers[0].message
    assert cost is not None
    assert said is not None
    return Received(transport, text_bytes, messages, cost, said)
