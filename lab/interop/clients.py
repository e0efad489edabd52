"""Among the interop matrix: the seven clients, none of which is the lab's own."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable
from importlib import metadata, resources
from pathlib import Path
from typing import Literal

import msgspec

from lab.interop import python_clients
from lab.interop.chromium import ChromiumError, chromium_unavailable
from lab.interop.node import NodeError, installed, node_unavailable, run_node
from lab.interop.outcome import Report, Visit
from lab.interop.pages import NATIVE, SOCKETIO, Browsing

SCRIPTS = Path(str(resources.files("lab.interop"))) / "js"
NODE_START_S = 20.0
"""How long Node may take, on a loaded machine, to start and to load its packages."""

Family = Literal["native", "socket.io"]


class UnknownClientError(LookupError):
    """There is no client of that name; the message lists those that there are."""


class Client(ABC):
    """A client of the matrix. `family`: what it speaks once it is connected."""

    in_browser = False

    def __init__(self, name: str, family: Family) -> None:
        self.name = name
        self.family = family

    def unavailable(self) -> str | None:
        """Why it can't run on this machine, and what to install; None where it can."""
        return None

    @abstractmethod
    def version(self, browsing: Browsing | None) -> str:
        """The library, or the browser that it has, with its version."""

    @abstractmethod
    async def attempt(self, visit: Visit, browsing: Browsing | None) -> Report:
        """Make one visit; ends by itself a few seconds after two times the visit's patience.

        Raises:
            NodeError, ChromiumError, TimeoutError: it could not be run, whatever the server does.
        """


class PythonClient(Client):
    """A library in this process."""

    def __init__(
        self,
        name: str,
        family: Family,
        package: str,
        knock: Callable[[Visit], Awaitable[Report]],
    ) -> None:
        super().__init__(name, family)
        self._package = package
        self._knock = knock

    def version(self, browsing: Browsing | None) -> str:
        return f"{self._package} {metadata.version(self._package)} in Python"

    async def attempt(self, visit: Visit, browsing: Browsing | None) -> Report:
        return await self._knock(visit)


class NodeClient(Client):
    """A package in Node; each visit is a process of its own."""

    def __init__(self, name: str, family: Family, package: str) -> None:
        super().__init__(name, family)
        self._package = package

    def unavailable(self) -> str | None:
        return node_unavailable()

    def version(self, browsing: Browsing | None) -> str:
        return f"{installed(self._package)} in Node"

    async def attempt(self, visit: Visit, browsing: Browsing | None) -> Report:
        script = SCRIPTS / ("native.mjs" if self.family == "native" else "socketio.mjs")
        longest_s = NODE_START_S + 2 * visit.patience_s
        order = json.dumps(visit.for_script())
        printed = (await run_node(script, order, self._package, timeout_s=longest_s)).lines
        if len(printed) != 1:
            raise NodeError(f"{script.name} printed {len(printed)} reports")
        return msgspec.convert(printed[0], Report)


class PageClient(Client):
    """A page in Chromium, with what the browser itself has or with Socket.IO's bundle."""

    in_browser = True

    def unavailable(self) -> str | None:
        missing = chromium_unavailable()
        return missing or (node_unavailable() if self.family == "socket.io" else None)

    def version(self, browsing: Browsing | None) -> str:
        library = "WebSocket" if self.family == "native" else installed("socket.io-client")
        return f"{library} in Chromium {browsing.version if browsing else ''}".strip()

    async def attempt(self, visit: Visit, browsing: Browsing | None) -> Report:
        if browsing is None:
            raise ChromiumError("no browser was opened")
        return await browsing.attempt(NATIVE if self.family == "native" else SOCKETIO, visit)


def choose(names: Iterable[str]) -> list[Client]:
    """The clients of these names, in the order of the table, once each.

    Raises:
        UnknownClientError: one of them is no client.
    """
    wanted = set(names)
    if unknown := sorted(wanted - CLIENTS.keys()):
        raise UnknownClientError(f"no client {', '.join(unknown)}; there are {', '.join(CLIENTS)}")
    return [client for name, client in CLIENTS.items() if name in wanted]


_CLIENTS: tuple[Client, ...] = (
    PythonClient("python-socketio", "socket.io", "python-socketio", python_clients.socketio_),
    NodeClient("socket.io-client-4", "socket.io", "socket.io-client"),
    PageClient("chromium-socket.io", "socket.io"),
    NodeClient("socket.io-client-2", "socket.io", "socket.io-client-2"),
    PythonClient("websockets", "native", "websockets", python_clients.native),
    NodeClient("ws", "native", "ws"),
    PageClient("chromium-websocket", "native"),
)
CLIENTS = {client.name: client for client in _CLIENTS}
"""Client name -> client, in the order in which they are shown."""
