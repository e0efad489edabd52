"""Beside the "quantum leap": what one received message costs in bytes, listened to on the wire.

The listener is not the one who speaks: an acknowledgement in the same poll would make the delivery
look cheaper. Counted, not timed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec

from lab.chat.events import Joined, Message, RoomEvent
from lab.contract import Connection, ConnectOptions, Transport
from lab.load.closed_loop import ignore
from lab.load.fleet import JoinRefusedError
from lab.load.tapped import through
from lab.load.texts import incompressible
from lab.measure.server import ServerProcess
from lab.wire.decode import decode
from lab.wire.ledger import Bytes, Cost, Entry, ledger
from lab.wire.relay import Chunk, LineEvent, Relay

PATIENCE_S = 30.0
ROOM = "lobby"


class NotCountedError(RuntimeError):
    """What crossed the wire was not what was to be counted."""


class Received(msgspec.Struct, frozen=True):
    """What a message costs, on average: to be received (`cost`), and to be said (`said`).

    `cost.up` is what the listener has to send for it: nothing, or its poll. `said` holds the
    command and its reply.
    """

    wire: str
    text_bytes: int
    messages: int
    cost: Cost
    said: Cost

    @property
    def down(self) -> Bytes:
        """What comes to the listener, the text included."""
        return self.cost.down

    @property
    def polls(self) -> bool:
        """Whether HTTP carries it."""
        return self.http_bytes > 0

    @property
    def http_bytes(self) -> float:
        """HTTP headers, of the poll and of its response."""
        return self.cost.up.http + self.cost.down.http

    @property
    def framing_bytes(self) -> float:
        """Frame headers, packet types and the like, in both directions."""
        return self.cost.up.framing + self.cost.down.framing

    @property
    def envelope_bytes(self) -> float:
        """What the application says about the text: the JSON of the event without it."""
        return self.cost.up.payload + self.cost.down.payload - self.text_bytes

    @property
    def overhead_bytes(self) -> float:
        """All but the text, in both directions."""
        return self.cost.up.total + self.cost.down.total - self.text_bytes

    @property
    def said_overhead_bytes(self) -> float:
        """All but the text of saying it: the command, its reply and what carries them."""
        return self.said.up.total + self.said.down.total - self.text_bytes


def receive(wire: Transport, text_bytes: int, messages: int) -> Received:
    """Serve the wire, let one say `messages` texts to another, one at a time, and count.

    Raises:
        NotCountedError: not every message was seen on the wire, or not each in a carrier of its
            own.
        ServerDiedError: the server did not start.
        TimeoutError, OSError: a delivery did not come.
    """
    chunks: list[Chunk] = []
    events: list[LineEvent] = []
    texts = incompressible(text_bytes, messages)
    with ServerProcess(wire.name) as server:
        port = server.ready["port"]
        relay = Relay("127.0.0.1", port, tap=chunks.append, watch=events.append)
        asyncio.run(_converse(wire, server.url, port, relay, texts))
    entries = ledger(decode(chunks, events)).entries
    return _received(wire.name, text_bytes, messages, entries)


async def _converse(wire: Transport, url: str, port: int, relay: Relay, texts: list[str]) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    async with asyncio.timeout(PATIENCE_S), relay:
        there = through(url, port, relay)
        # The speaker comes first and goes last, so that the listener hears nothing but texts.
        speaker = await _joined(wire, there, "speaker", ignore)
        listener = await _joined(wire, there, "listener", _into(heard))
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
    wire: Transport, url: str, name: str, on_event: Callable[[RoomEvent], None]
) -> Connection:
    connection = await wire.connect(url, on_event, ConnectOptions())
    reply = await connection.join(ROOM, name)
    if not isinstance(reply, Joined):
        raise JoinRefusedError(f"{name} was refused: {reply}")
    return connection


def _received(wire: str, text_bytes: int, messages: int, entries: tuple[Entry, ...]) -> Received:
    """Tell the two conversations apart: one has said everything, the other nothing."""
    speakers = [entry for entry in entries if entry.messages == messages]
    listeners = [entry for entry in entries if not entry.messages and entry.deliveries == messages]
    if len(entries) != 2 or len(speakers) != 1 or len(listeners) != 1:
        raise NotCountedError(
            f"{wire}: {messages} messages from one to another were to be seen, but these were: "
            + "; ".join(f"{each.messages} said, {each.deliveries} heard" for each in entries)
        )
    batching = listeners[0].batching
    if batching is not None and batching.http_responses != messages:
        raise NotCountedError(f"{wire}: {messages} came in {batching.http_responses} responses")
    cost, said = listeners[0].delivery, speakers[0].message
    assert cost is not None
    assert said is not None
    return Received(wire, text_bytes, messages, cost, said)
