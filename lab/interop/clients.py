"""The seven clients of the interop matrix; none is the lab's own."""

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
"""The longest time in which Node starts and loads its packages on a busy machine."""

Family = Literal["native", "socket.io"]


class UnknownClientError(LookupError):
    """No client has this name; the message lists the names that exist."""


class Client(ABC):
    """A client of the matrix. `family`: the protocol that it speaks once connected."""

    in_browser = False

    def __init__(self, name: str, family: Family) -> None:
        self.name = name
        self.family = family

    def unavailable(self) -> str | None:
        """Say why the client cannot run on this machine and what to install; None where it can."""
        return None

    @abstractmethod
    def version(self, browsing: Browsing | None) -> str:
        """Return the library, or the browser, with its version."""

    @abstractmethod
    async def attempt(self, visit: Visit, browsing: Browsing | None) -> Report:
        """Make one attempt; it ends a few seconds after twice the patience of the visit.

        Raises:
            NodeError, ChromiumError, TimeoutError: the client could not run, whatever the server
                does.
        """


class PythonClient(Client):
    """A client library that runs in this process."""

    def __init__(
        self,
        name: str,
        family: Family,
        package: str,
        attempt: Callable[[Visit], Awaitable[Report]],
    ) -> None:
        super().__init__(name, family)
        self._package = package
        self._attempt = attempt

    def version(self, browsing: Browsing | None) -> str:
        return f"{self._package} {metadata.version(self._package)} in Python"

    async def attempt(self, visit: Visit, browsing: Browsing | None) -> Report:
        return await self._attempt(visit)


class NodeClient(Client):
    """A package in Node; each attempt is a process of its own."""

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
    """A page in Chromium that uses the browser's own WebSocket or Socket.IO's bundle."""

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
    """Return the clients of these names, once each, in the order of the table.

    Raises:
        UnknownClientError: one of the names is unknown.
    """
    wanted = set(names)
    if unknown := sorted(wanted - CLIENTS.keys()):
        raise UnknownClientError(
            f"no client {', '.join(unknown)}; choose from {', '.join(CLIENTS)}"
        )
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
"""Client name -> client, in the order of the table."""
