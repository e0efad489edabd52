"""The contract between the room and the wires: what a transport offers, and what it is given.

A wire's server is given a `Chat` to call and offers it an `Outlet`; a wire's client offers a
`Connection`. Everything above (load, tests, notebooks) sees these and never a wire's name.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from enum import StrEnum
from typing import Any, ClassVar, Literal, Protocol

import msgspec

from lab.chat import commands, events
from lab.chat.commands import Command
from lab.chat.effects import Member
from lab.chat.events import Event, LoggedEvent, Reply, RoomEvent, Why
from lab.chat.limits import Limits

Settings = Literal["equal", "stock"]
"""`equal`: no compression, same heartbeat, same JSON, for comparing protocols.
`stock`: each library as it is installed, for showing what people really get."""


class Capability(StrEnum):
    """What a wire can do. Tests ask for these, never for a wire's name."""

    SOCKET = "socket"
    """Bytes cross a TCP socket; the server can stand in a process of its own."""
    WEBSOCKET = "websocket"
    """An RFC 6455 opening handshake is answered at `Address.websocket_url`."""
    MASK_CHECK = "mask-check"
    """A client's frame without a mask is refused with 1002 (RFC 6455 section 5.1)."""
    NATIVE_FRAMES = "native-frames"
    """One WebSocket text frame is one command or event in JSON, and nothing else is spoken."""
    HTTP_SESSION = "http-session"
    """Commands and events travel in HTTP requests and responses of a session."""
    KEPT_ALIVE = "kept-alive"
    """A client may connect over a TCP connection that an earlier one has left open."""
    HEARTBEAT = "heartbeat"
    """A dead peer is noticed within heartbeat interval + timeout."""
    BOUNDED_QUEUE = "bounded-queue"
    """A connection that does not read is closed as `slow_consumer`."""
    FRAME_LIMIT = "frame-limit"
    """What is larger than `Limits.frame_bytes` ends the connection in the wire's own protocol."""
    ORIGIN = "origin"
    """Another Origin than those allowed is refused at the handshake."""


class Library(msgspec.Struct, frozen=True):
    """One library of a stack, with the version that is installed."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class Stack(msgspec.Struct, frozen=True):
    """What a wire is made of; figures are of this stack, not of the protocol alone."""

    language: Library
    server: Library
    client: Library
    http: Library | None = None


class Heartbeat(msgspec.Struct, frozen=True):
    """How a dead peer is noticed: a ping every `interval_s`, an answer within `timeout_s`.

    The defaults are Engine.IO's; under `equal` every wire has them.
    """

    interval_s: float = 25
    timeout_s: float = 20


class ServeOptions(msgspec.Struct, frozen=True):
    """How a server is to be run. `port` 0: any free one. `origins` None: the same host only."""

    host: str = "127.0.0.1"
    port: int = 0
    settings: Settings = "equal"
    heartbeat: Heartbeat = Heartbeat()
    origins: tuple[str, ...] | None = None


class ConnectOptions(msgspec.Struct, frozen=True):
    """How a client is to connect. `frame_bytes`: the largest message that it takes.

    `pool`: TCP connections that are kept open between clients, from `Transport.pool`.
    """

    settings: Settings = "equal"
    frame_bytes: int = 4 * 1024 * 1024
    timeout_s: float = 10
    headers: Mapping[str, str] = {}
    pool: Any = None


class Address(msgspec.Struct, frozen=True):
    """Where a server listens. `url` is what the wire's own client is given."""

    url: str
    host: str = ""
    port: int = 0
    websocket_url: str | None = None


def netloc(host: str, port: int) -> str:
    """Host and port as a URL has them: an IPv6 address in brackets (RFC 3986 section 3.2.2)."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class Outlet(Protocol):
    """Where a running transport takes the effects of the room: one per server.

    All calls are synchronous, on the server's event loop, in the order in which members must
    see them. A broadcast is encoded once, however many members it has. None of the calls may raise:
    what is sent to a connection that has just ended is dropped, and `detach` says why it ended.
    """

    def enter(self, member: Member, room: str) -> None:
        """From now on `member` gets the broadcasts of `room`."""

    def exit(self, member: Member, room: str) -> None:
        """From now on it no longer does."""

    def broadcast(self, room: str, event: RoomEvent, skip: Member | None) -> None:
        """Send `event` to every member in `room` but `skip`."""

    def deliver(self, member: Member, missed: Sequence[LoggedEvent]) -> None:
        """Send `missed` to `member` alone."""


class Chat(Protocol):
    """What a wire's server calls."""

    @property
    def limits(self) -> Limits:
        """The bounds that the wire has to keep: `frame_bytes`, `queue_bytes`."""

    def attach(self, outlet: Outlet) -> Member:
        """A connection opened."""

    def receive(self, member: Member, command: Command, reply: Callable[[Reply], None]) -> None:
        """A command came in.

        `reply` is called once, before the call returns, in order with the effects; not at all for
        `typing`.
        """

    def detach(self, member: Member, why: Why) -> None:
        """The connection ended. Later calls for `member` change nothing."""


class Server(Protocol):
    """A running server of one wire."""

    @property
    def address(self) -> Address:
        """Where it listens."""

    def sessions(self) -> int:
        """How many connections it still holds state for."""


class ConnectionClosedError(ConnectionError):
    """The connection ended before the reply came."""


class Connection(ABC):
    """One live client of a wire: what an application has.

    Room events go to `on_event` in the order of arrival; a reply goes to whoever awaits it.
    `closed` is done when the connection has ended, with the wire's own words for why.
    """

    def __init__(self, on_event: Callable[[RoomEvent], None]) -> None:
        self._on_event = on_event
        self._awaited: dict[int, asyncio.Future[Reply]] = {}
        self._last_id = 0
        self.closed: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    @abstractmethod
    async def send(self, command: Command) -> None:
        """Send a command and don't wait for its reply.

        Raises:
            ConnectionClosedError: the connection has ended.
        """

    @abstractmethod
    async def send_untyped(self, name: str, payload: Mapping[str, Any], command_id: int) -> None:
        """Send whatever may or may not be a command; for showing what happens then."""

    @abstractmethod
    async def close(self) -> None:
        """Say goodbye in the wire's own way and release everything, within two seconds."""

    def next_id(self) -> int:
        """A command id that this connection has not used yet."""
        self._last_id += 1
        return self._last_id

    async def request(self, command: Command) -> Reply:
        """Send a command and await its reply.

        Raises:
            ConnectionClosedError: the connection ended before the reply.
        """
        return await self._paired(command.id, self.send(command))

    async def request_untyped(self, name: str, payload: Mapping[str, Any]) -> Reply:
        """`send_untyped` under an id of its own, and its reply."""
        command_id = self.next_id()
        return await self._paired(command_id, self.send_untyped(name, payload, command_id))

    async def join(self, room: str, name: str, after: int | None = None) -> Reply:
        """Enter a room; see `commands.Join`."""
        return await self.request(commands.Join(self.next_id(), room, name, after))

    async def leave(self, room: str) -> Reply:
        """Go out of a room."""
        return await self.request(commands.Leave(self.next_id(), room))

    async def say(self, room: str, text: str, key: str | None = None) -> Reply:
        """Post a text; see `commands.Say`."""
        return await self.request(commands.Say(self.next_id(), room, text, key))

    async def typing(self, room: str) -> None:
        """Show that something is being typed; nothing comes back."""
        await self.send(commands.Typing(self.next_id(), room))

    async def history(self, room: str, limit: int, before: int | None = None) -> Reply:
        """Page back through a room; see `commands.History`."""
        return await self.request(commands.History(self.next_id(), room, limit, before))

    async def rooms(self) -> Reply:
        """List the rooms."""
        return await self.request(commands.Rooms(self.next_id()))

    # For the wires: what came in.

    def _received(self, event: Event) -> None:
        if isinstance(event, events.REPLIES):
            self._replied(event)
        else:
            self._on_event(event)

    def _replied(self, reply: Reply) -> None:
        waiting = self._awaited.get(reply.id) if reply.id is not None else None
        if waiting is not None and not waiting.done():
            waiting.set_result(reply)

    def _ended(self, reason: str) -> None:
        if self.closed.done():
            return
        self.closed.set_result(reason)
        for waiting in self._awaited.values():
            if not waiting.done():
                waiting.set_exception(ConnectionClosedError(reason))

    def _check_open(self) -> None:
        if self.closed.done():
            raise ConnectionClosedError(self.closed.result())

    async def _paired(self, command_id: int, sending: Any) -> Reply:
        waiting: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._awaited[command_id] = waiting
        try:
            await sending
            return await waiting
        finally:
            del self._awaited[command_id]
            if not waiting.done() or waiting.cancelled():
                waiting.cancel()
            else:
                waiting.exception()  # read, so that asyncio does not report it as forgotten


class Transport(ABC):
    """One wire: how to serve a chat on it, how to connect to one, and what it is made of."""

    name: ClassVar[str]
    summary: ClassVar[str]
    capabilities: ClassVar[frozenset[Capability]]

    @abstractmethod
    def stack(self) -> Stack:
        """The libraries and versions behind this wire."""

    @abstractmethod
    def knobs(self, settings: Settings) -> Mapping[str, str]:
        """The settings as a reader should see them beside the figures: name -> value."""

    @abstractmethod
    def serve(self, chat: Chat, options: ServeOptions) -> AbstractAsyncContextManager[Server]:
        """Run a server until the context is left; leaving takes two seconds at most.

        Raises:
            OSError: the address can't be listened on.
        """

    @asynccontextmanager
    async def pool(self) -> AsyncIterator[Any]:
        """TCP connections for several clients in turn, for `ConnectOptions.pool` (KEPT_ALIVE)."""
        yield None

    @abstractmethod
    async def connect(
        self, url: str, on_event: Callable[[RoomEvent], None], options: ConnectOptions
    ) -> Connection:
        """Open one connection; returns when the wire can carry a command.

        Raises:
            OSError: nobody listens, or the handshake was refused.
            TimeoutError: no answer within `options.timeout_s`.
        """
