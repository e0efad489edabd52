"""The base of the transports whose server is a program in Node."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, ClassVar

import msgspec

from lab.contract import Address, Chat, ServeOptions, Transport
from lab.service.claimed import ClaimedChat
from transports._node import versions as node_versions
from transports._node.process import NodeServer
from transports._shared.origin import Admission
from transports._shared.serving import BACKLOG, CLOSE_TIMEOUT_S


class NodeTransport(Transport):
    """A transport with a server in Node. Its client is that of a transport in Python."""

    package: ClassVar[str]
    """The Node library that the server uses."""
    kind: ClassVar[str]
    """The module in `node/` that serves with this library."""

    def unavailable(self) -> str | None:
        """See `Transport`."""
        return node_versions.unavailable(self.package)

    @abstractmethod
    def address_at(self, options: ServeOptions, port: int) -> Address:
        """Return the address of a server on this port."""

    @asynccontextmanager
    async def serve(self, chat: Chat, options: ServeOptions) -> AsyncIterator[NodeServer]:
        """See `Transport`. The room is in the Node program, which uses only the limits of `chat`.

        If `chat` is a `ClaimedChat`, the program takes that place among the nodes.
        """
        joining = chat.joining() if isinstance(chat, ClaimedChat) else None
        server = NodeServer(self._config(chat, options), joining)
        try:
            port = await server.ready()
            address = self.address_at(options, port)
            server.address = msgspec.structs.replace(address, pid=server.pid)
            async with server.watched():
                yield server
        finally:
            await server.stop()

    def _config(self, chat: Chat, options: ServeOptions) -> Mapping[str, Any]:
        """Make the configuration for `node/main.mjs`, whose `Config` describes each entry."""
        return {
            "kind": self.kind,
            "transports": list(getattr(self, "transports", ())),
            "options": msgspec.to_builtins(options),
            "names": Admission(options).names,
            "limits": msgspec.to_builtins(chat.limits),
            "backlog": BACKLOG,
            "close_timeout_s": CLOSE_TIMEOUT_S,
        }
