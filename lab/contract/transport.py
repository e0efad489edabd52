"""One wire, whole: the class that each file in `transports/` derives from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from asyncio import AbstractEventLoop
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, ClassVar

from lab.chat.events import RoomEvent
from lab.contract.connection import Connection
from lab.contract.options import Capability, ConnectOptions, ServeOptions, Settings, Stack
from lab.contract.ports import Chat, Server


class Transport(ABC):
    """One wire: how to serve a chat on it, how to connect to one, and what it is made of."""

    name: ClassVar[str]
    summary: ClassVar[str]
    capabilities: ClassVar[frozenset[Capability]]
    unsafe: ClassVar[str | None] = None
    """Why this wire is served only to who asks for it by name; None where it is safe by nature."""
    tuned: ClassVar[str | None] = None
    """The wire of the same protocol without a library, by which this one's cost is taken apart:
    what lies between them is the library's. A wire without a library names itself; None: there is
    none."""
    floor: ClassVar[str | None] = None
    """Of a wire that is its own `tuned`: the one that writes the same texts and speaks nothing."""

    def unavailable(self) -> str | None:
        """Why this wire can't run on this machine, with what to install; None where it can."""
        return None

    def new_event_loop(self) -> Callable[[], AbstractEventLoop] | None:
        """Makes the event loop for a process that only serves this wire; None: asyncio's own."""
        return None

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
            ChildProcessError: the server is a program of its own, and ended by itself; what runs
                in the context is cancelled.
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
