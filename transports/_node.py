"""Shared by the Node wires: a wire whose server is a program of its own."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, ClassVar

import msgspec

from lab.contract import Address, Chat, ServeOptions, Transport
from transports import _node_versions
from transports._node_process import NodeServer
from transports._serving import BACKLOG, CLOSE_TIMEOUT_S


class NodeTransport(Transport):
    """A wire that is served in Node; its client is that of a Python wire."""

    package: ClassVar[str]
    """The library in Node that serves."""
    kind: ClassVar[str]
    """The module of `node/` that serves on it."""

    def unavailable(self) -> str | None:
        """See `Transport`."""
        return _node_versions.unavailable(self.package)

    @abstractmethod
    def address_at(self, host: str, port: int) -> Address:
        """Where a server on this port is reached."""

    @asynccontextmanager
    async def serve(self, chat: Chat, options: ServeOptions) -> AsyncIterator[NodeServer]:
        """See `Transport`. Of `chat` only the limits are used: the room is in the other program."""
        server = NodeServer(self._config(chat, options))
        try:
            port = await server.ready()
            address = self.address_at(options.host, port)
            server.address = msgspec.structs.replace(address, pid=server.pid)
            async with server.watched():
                yield server
        finally:
            await server.stop()

    def _config(self, chat: Chat, options: ServeOptions) -> Mapping[str, Any]:
        """What `node/main.mjs` is given; its `Config` says what each entry is."""
        return {
            "kind": self.kind,
            "transports": list(getattr(self, "transports", ())),
            "options": msgspec.to_builtins(options),
            "limits": msgspec.to_builtins(chat.limits),
            "backlog": BACKLOG,
            "close_timeout_s": CLOSE_TIMEOUT_S,
        }
