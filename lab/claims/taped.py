"""Among the claims: a line to a server on which every byte is kept, and what a client asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from lab.load.tapped import Tape, through
from lab.wire.decode import decode
from lab.wire.messages import query_of
from lab.wire.relay import Chunk, LineEvent, Network, Relay
from lab.wire.tree import HttpRequest, Trace


@dataclass
class TapedLine:
    """A line to the server at `url`; a client connects to `entrance` instead."""

    url: str
    port: int
    relay: Relay
    chunks: list[Chunk] = field(default_factory=list)
    events: list[LineEvent] = field(default_factory=list)

    @property
    def entrance(self) -> str:
        """The server's URL, by way of the relay."""
        return through(self.url, self.port, self.relay)

    @property
    def tape(self) -> Tape:
        """All that has crossed the line so far."""
        return Tape(list(self.chunks), list(self.events), self.relay.total)


@asynccontextmanager
async def taped(url: str, port: int, network: Network | None = None) -> AsyncIterator[TapedLine]:
    """A taped line to the server at `url`, which listens at `port` on this machine."""
    chunks: list[Chunk] = []
    events: list[LineEvent] = []
    relay = Relay("127.0.0.1", port, network=network, tap=chunks.append, watch=events.append)
    async with relay:
        yield TapedLine(url, port, relay, chunks, events)


def trace_of(tape: Tape) -> Trace:
    """What a tape means."""
    return decode(tape.chunks, tape.events)


def requests_of(tape: Tape) -> list[HttpRequest]:
    """The HTTP requests on a tape, opening handshakes among them, in the order of their begin."""
    nodes = (node for connection in trace_of(tape).connections for node in connection.up)
    found = (node for node in nodes if isinstance(node, HttpRequest))
    return sorted(found, key=lambda request: request.first_ns)


def transports_asked_for(tape: Tape) -> tuple[str, ...]:
    """The Engine.IO transports that requests named, in the order in which each was first named."""
    named = (query_of(request.target).get("transport") for request in requests_of(tape))
    return tuple(dict.fromkeys(name for name in named if name))
