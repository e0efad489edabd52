"""A route to a server that captures every byte, and the HTTP requests in such a capture."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from lab.decode.decode import decode
from lab.decode.messages import query_of
from lab.decode.tree import HttpRequest, Trace
from lab.load.tapped import Capture, through
from lab.relay.relay import Chunk, ConnectionEvent, Network, Relay


@dataclass
class CapturedRoute:
    """A route to the server at `url` through a relay; a client connects to `entrance` instead."""

    url: str
    port: int
    relay: Relay
    chunks: list[Chunk] = field(default_factory=list)
    events: list[ConnectionEvent] = field(default_factory=list)

    @property
    def entrance(self) -> str:
        """The server's URL, with the relay's port."""
        return through(self.url, self.port, self.relay)

    @property
    def capture(self) -> Capture:
        """Everything that has crossed the route so far."""
        return Capture(list(self.chunks), list(self.events), self.relay.total)


@asynccontextmanager
async def captured_route(
    url: str, port: int, network: Network | None = None
) -> AsyncIterator[CapturedRoute]:
    """Open a captured route to the server at `url`, which listens on `port` on this machine."""
    chunks: list[Chunk] = []
    events: list[ConnectionEvent] = []
    relay = Relay("127.0.0.1", port, network=network, tap=chunks.append, watch=events.append)
    async with relay:
        yield CapturedRoute(url, port, relay, chunks, events)


def trace_of(capture: Capture) -> Trace:
    """Decode a capture."""
    return decode(capture.chunks, capture.events)


def requests_of(capture: Capture) -> list[HttpRequest]:
    """The HTTP requests in a capture, opening handshakes included, by the time they began."""
    nodes = (node for connection in trace_of(capture).connections for node in connection.up)
    found = (node for node in nodes if isinstance(node, HttpRequest))
    return sorted(found, key=lambda request: request.first_ns)


def transports_asked_for(capture: Capture) -> tuple[str, ...]:
    """The Engine.IO transports that the requests name, in the order of their first use."""
    named = (query_of(request.target).get("transport") for request in requests_of(capture))
    return tuple(dict.fromkeys(name for name in named if name))
