"""Serve one transport for a test, and connect clients to it.

    async with served(transport) as s:
        ann = await s.connect()
        await ann.joined("den", "ann")

Leaving the block closes the clients and stops the server. The block fails if the event loop
reported an error that no code caught.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any

from lab.chat.limits import Limits
from lab.contract import (
    Capability,
    ClientTls,
    ConnectOptions,
    Heartbeat,
    ServeOptions,
    Server,
    Settings,
    Transport,
)
from lab.relay.datagrams import DatagramRelay
from lab.relay.relay import Relay
from lab.service import ChatService, new_rooms, wall_clock_ms
from lab.service.paced import PacedChat
from lab.tls.always import with_its_tls
from tests.conformance.client import PATIENCE_S, Insider, RoomClient, eventually, in_time

__all__ = [
    "PATIENCE_S",
    "QUICK",
    "ServedTransport",
    "eventually",
    "in_time",
    "nothing_uncaught",
    "served",
]

QUICK = Heartbeat(interval_s=1, timeout_s=1)
"""The shortest heartbeat that every transport can keep. Engine.IO counts in whole seconds."""


joined_by: str | None = None
"""The Redis server that joins the two nodes on which `served` then serves. None: on one server."""
other_node: Transport | None = None
"""The transport of the second of these nodes. None: that of the first."""


class ServedTransport:
    """One running server or several nodes, clients, and relays that can stall or cut a connection.

    Clients connect to the nodes in turn, relays to the last one.
    """

    def __init__(
        self,
        transports: Sequence[Transport],
        chats: Sequence[ChatService],
        settings: Settings,
        trusted: ClientTls | None = None,
    ) -> None:
        self.transport = transports[0]
        self.transports = transports
        self.chats = chats
        self._settings = settings
        self.servers: list[Server] = []
        self._turns = itertools.count()
        self.serving: ServeOptions
        self.clients: list[RoomClient] = []
        self.relays: list[Relay] = []
        self._trusted = trusted
        self._running = AsyncExitStack()
        self._relaying = AsyncExitStack()

    @property
    def chat(self) -> ChatService:
        """The rooms of the server."""
        return self.chats[0]

    @property
    def server(self) -> Server:
        """The server, the last one of several."""
        return self.servers[-1]

    async def open(self, options: ServeOptions) -> None:
        """Start the server, or all nodes."""
        self.serving = options
        self.servers.clear()
        for transport, chat in zip(self.transports, self.chats, strict=True):
            if joined_by is not None and isinstance(chat, PacedChat):
                self._running.push_async_callback(chat.close)
                await chat.begin()
            serving = transport.serve(chat, options)
            self.servers.append(await self._running.enter_async_context(serving))

    def sessions(self) -> int:
        """How many connections the servers hold."""
        return sum(server.sessions() for server in self.servers)

    def options(self, timeout_s: float = PATIENCE_S, **given: Any) -> ConnectOptions:
        """How a client connects to this server."""
        return ConnectOptions(self._settings, timeout_s=timeout_s, tls=self._trusted, **given)

    async def connect(
        self, relay: Relay | DatagramRelay | None = None, headers: Mapping[str, str] | None = None
    ) -> RoomClient:
        """Connect a client, through `relay` if there is one."""
        client = RoomClient()
        node = -1 if relay is not None else next(self._turns) % len(self.servers)
        url = self.servers[node].address.url if relay is None else self._through(relay)
        options = self.options(headers=headers or {})
        transport = self.transports[node]
        client.connection = await transport.connect(url, client.events.append, options)
        self.clients.append(client)
        return client

    async def connect_all(self, count: int) -> list[RoomClient]:
        """Connect `count` clients at the same time."""
        return list(await asyncio.gather(*(self.connect() for _ in range(count))))

    async def burst(self, room: str, name: str, texts: Iterable[str]) -> None:
        """Add a member that says all texts at once.

        If the server runs in this process, the member does too. Then all texts leave the server in
        one turn of its event loop.
        """
        if Capability.SHARED_ROOM in self.transport.capabilities:
            insider = Insider(self.chat, room, name)
            for text in texts:
                insider.say(text)
        else:
            client = await self.connect()
            await client.joined(room, name)
            await client.burst(room, texts)

    async def relay(self, **options: Any) -> Relay:
        """A relay to the server. It can tap, stall and cut its connections."""
        address = self.server.address
        relay = Relay(address.host, address.port, **options)
        self.relays.append(await self._relaying.enter_async_context(relay))
        return relay

    def resume_relays(self) -> None:
        """Resume every stalled relay."""
        for relay in self.relays:
            relay.resume()

    async def empty(self) -> None:
        """Wait until the server holds no connection."""
        await self.holds(0)

    async def holds(self, count: int) -> None:
        """Wait until the server holds `count` connections, and its rooms know of every end."""
        await eventually(lambda: self.sessions() == count, f"{count} connections were held")
        if joined_by is not None:
            from tests.conformance.nodes import have_appended

            await in_time(have_appended(self.chats, self.servers))

    @asynccontextmanager
    async def case(self) -> AsyncIterator[None]:
        """One of several cases on this server: its clients are gone before the next one begins."""
        before, self.clients = self.clients, []
        count = self.sessions()
        try:
            yield
        finally:
            ours, self.clients = self.clients, before
            await asyncio.gather(*(client.close() for client in ours))
        await self.holds(count)

    async def shut(self) -> None:
        """Leave `serve()`."""
        await self._running.aclose()

    async def close(self) -> None:
        """Close the clients, then the server."""
        self.resume_relays()
        try:
            await asyncio.gather(*(client.close() for client in self.clients))
        finally:
            await self.shut()
            await self._relaying.aclose()

    def _through(self, relay: Relay | DatagramRelay) -> str:
        address = self.server.address
        return address.url.replace(f":{address.port}", f":{relay.port}")


@asynccontextmanager
async def served(
    transport: Transport,
    *,
    settings: Settings = "equal",
    limits: Limits | None = None,
    clock: Callable[[], int] = wall_clock_ms,
    chat: ChatService | None = None,
    **serving: Any,
) -> AsyncIterator[ServedTransport]:
    """Run a server of `transport` with these `ServeOptions`; on new rooms or on those of `chat`.

    Fails on leaving if a background task raised an error that no code caught.
    """
    if chat is None and joined_by is not None:
        from tests.conformance.nodes import two_nodes

        transports = [transport, other_node or transport]
        rooms: Sequence[ChatService] = two_nodes(joined_by, transports, limits, clock)
    else:
        transports = [transport]
        rooms = [chat or ChatService(new_rooms(limits), clock)]
    wanted = ServeOptions(settings=settings, **serving)
    with nothing_uncaught(), with_its_tls(transport, wanted) as (options, trusted):
        s = ServedTransport(transports, rooms, settings, trusted)
        await s.open(options)
        try:
            yield s
        finally:
            await s.close()


@contextmanager
def nothing_uncaught() -> Iterator[None]:
    """Fail if the event loop reported an error that no code caught."""
    loop = asyncio.get_running_loop()
    uncaught: list[dict[str, Any]] = []
    before = loop.get_exception_handler()
    loop.set_exception_handler(lambda _loop, context: uncaught.append(context))
    try:
        yield
    except BaseException as error:
        for context in uncaught:
            error.add_note(f"meanwhile, uncaught: {context}")
        raise
    finally:
        loop.set_exception_handler(before)
    assert uncaught == []
