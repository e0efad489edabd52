"""A live connection to which a cause can be done: a server, a watcher, a client behind two relays.

The relay beside the client only observes. The one behind it is the network that fails. So the
capture has what an observer at the client would have.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

import msgspec

from lab.chat.events import Departed, RoomEvent
from lab.contract import Connection, ConnectOptions, Transport
from lab.measure.server import ServerProcess
from lab.relay.capture import Captured
from lab.relay.network import Network
from lab.relay.relay import BUFFER_BYTES, Relay
from lab.why.node_member import NodeMember

ROOM, CLIENT, WATCHER = "den", "ann", "bob"
CALM = (25, 20)
"""The usual heartbeat: interval and time-out in s."""
PATIENCE_S = 6.0
"""What has not been noticed by then counts as not noticed."""
SLOW = Network(bandwidth_bytes_per_s=2_000_000)
SMALL_BYTES = 64 * 1024


class Setup(msgspec.Struct, frozen=True):
    """How a bench is made. `heartbeat`: interval and time-out in whole s, as Engine.IO counts.

    `direct`: without the relay that can fail. `slow`: the client's relay carries little at a time.
    """

    heartbeat: tuple[int, int] = CALM
    direct: bool = False
    slow: bool = False


class Bench:
    """A server in a process of its own, a watcher, and a client behind two relays."""

    def __init__(self, transport: Transport, server: ServerProcess, in_node: bool) -> None:
        self.transport = transport
        self.server = server
        self.captured: list[Captured] = []
        self.connection: Connection | NodeMember | None = None
        self._in_node = in_node
        self._departed: dict[str, tuple[str, float]] = {}
        self._watcher: Connection | None = None
        self.observer: Relay
        self.network: Relay

    async def connect(
        self, relay: Relay, headers: Mapping[str, str] | None = None
    ) -> Connection | NodeMember:
        """A client of the transport, through a relay."""
        port = self.server.ready["port"]
        url = self.server.url.replace(f":{port}", f":{relay.port}", 1)
        if self._in_node:
            return await NodeMember.connect(self.transport, url, headers)
        chosen = ConnectOptions(timeout_s=PATIENCE_S, headers=dict(headers or {}))
        return await self.transport.connect(url, lambda _: None, chosen)

    async def enter(self) -> None:
        """Let the watcher and the client join."""
        self._watcher = await self.transport.connect(
            self.server.url, self._watched, ConnectOptions(timeout_s=PATIENCE_S)
        )
        await self._watcher.join(ROOM, WATCHER)
        self.connection = await self.connect(self.observer)
        await self.connection.join(ROOM, CLIENT)

    async def say(self, text: str) -> None:
        """Let the watcher say a text."""
        assert self._watcher is not None
        await self._watcher.say(ROOM, text)

    def departed(self) -> tuple[str, float] | None:
        """Why the client departed, and when; None: it is still a member."""
        return self._departed.get(CLIENT)

    async def leave(self) -> None:
        """Close both, whatever has become of them."""
        for each in (self.connection, self._watcher):
            if each is not None:
                with suppress(Exception):
                    async with asyncio.timeout(3):
                        await each.close()

    def _watched(self, event: RoomEvent) -> None:
        if isinstance(event, Departed):
            self._departed[event.name] = (event.why, time.perf_counter())


@asynccontextmanager
async def bench(transport: Transport, setup: Setup, in_node: bool) -> AsyncIterator[Bench]:
    """A bench with both members joined."""
    words = ["--unpaced", "--heartbeat", *map(str, setup.heartbeat)]
    with ServerProcess(transport.name, words) as server:
        made = Bench(transport, server, in_node)
        port = server.ready["port"]
        async with Relay("127.0.0.1", port) as made.network:
            target = port if setup.direct else made.network.port
            async with Relay(
                "127.0.0.1",
                target,
                tap=made.captured.append,
                watch=made.captured.append,
                network=SLOW if setup.slow else None,
                buffer_bytes=SMALL_BYTES if setup.slow else BUFFER_BYTES,
                kernel_buffer_bytes=SMALL_BYTES if setup.slow else None,
            ) as made.observer:
                try:
                    async with asyncio.timeout(4 * PATIENCE_S):
                        await made.enter()
                        yield made
                finally:
                    made.observer.resume()
                    made.network.resume()
                    await made.leave()
