"""The base class of all transports. Each file in `transports/` derives from it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from asyncio import AbstractEventLoop
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, ClassVar, Literal

from lab.chat.events import RoomEvent
from lab.compression import CompressionChoices
from lab.contract.connection import Connection
from lab.contract.options import (
    Capability,
    ClientTls,
    ConnectOptions,
    ServeOptions,
    Settings,
    Stack,
)
from lab.contract.ports import Chat, Server


class Transport(ABC):
    """One transport: how to serve a chat, how to connect to it, and which libraries it uses."""

    name: ClassVar[str]
    summary: ClassVar[str]
    capabilities: ClassVar[frozenset[Capability]]
    unsafe: ClassVar[str | None] = None
    """Why this transport runs only when the user names it. None: it is safe."""
    tuned: ClassVar[str | None] = None
    """The transport of the same protocol without a library. The difference in cost is the
    library's. A transport without a library names itself. None: there is no such transport."""
    no_browser: ClassVar[str | None] = None
    """Why no browser can speak this transport; None where one can."""
    frames_documents: ClassVar[bool] = False
    """Whether a page that speaks this transport puts documents of the server into itself, such as a
    frame that receives or the answer to a form."""
    limit: ClassVar[Literal["one_each", "gathered"] | None] = None
    """Of a baseline: whether it makes one write for each delivery, or one for all that a turn of
    the event loop has for a member. None: the transport is no baseline."""
    limit_transport: ClassVar[str | None] = None
    """The limit of a transport that is its own `tuned`: the transport that writes the same texts
    without a protocol."""

    compression: ClassVar[CompressionChoices | None] = None
    """What can be set of its compression (COMPRESSION). None: it does not compress."""

    def unavailable(self) -> str | None:
        """Why this transport can't run on this machine, and what to install. None: it can run.

        Never raises, whatever is missing.
        """
        return None

    def new_event_loop(self) -> Callable[[], AbstractEventLoop] | None:
        """Makes the event loop of a process that only serves this transport; None: asyncio's."""
        return None

    def can_join_nodes(self) -> bool:
        """Whether its server can be one node of several, which the lab's journal joins."""
        return bool(self.capabilities & {Capability.SHARED_ROOM, Capability.JOINED_ROOM})

    @abstractmethod
    def stack(self) -> Stack:
        """The libraries of this transport and their versions."""

    @abstractmethod
    def effective_settings(self, settings: Settings) -> Mapping[str, str]:
        """The settings that a reader should see beside the figures: name -> value."""

    @abstractmethod
    def serve(self, chat: Chat, options: ServeOptions) -> AbstractAsyncContextManager[Server]:
        """Run a server until the context ends. Leaving takes two seconds at most.

        Raises:
            OSError: the server can't listen on the address. ChildProcessError: the server is
            another program, and it ended by itself. The block in the
                context is cancelled.
        """

    @asynccontextmanager
    async def pool(self, tls: ClientTls | None = None) -> AsyncIterator[Any]:
        """TCP connections that successive clients share, for `ConnectOptions.pool` (KEPT_ALIVE)."""
        yield None

    @abstractmethod
    async def connect(
        self, url: str, on_event: Callable[[RoomEvent], None], options: ConnectOptions
    ) -> Connection:
        """Open one connection. Returns when the transport can carry a command.

        Raises:
            OSError: no server listens, or it refused the handshake.
            TimeoutError: no answer within `options.timeout_s`.
        """
