"""The transport `flashsocket`: native WebSocket after a request for Flash's policy file.

Browsers without WebSocket used that of a Flash movie (Socket.IO 0.1 to 0.9). Flash Player opens a
socket only if the host allows it: on a separate TCP connection it sends `<policy-file-request/>`
and NUL, and gets an XML file. After that, handshake and frames are those of the transport
`websocket`, whose server this is (`_native/websockets.py`). No browser has run Flash since January
2021 (Chromium 88). The transport is here to measure what the extra step costs.

Flash Player tried port 843 first. Socket.IO's server answered on port 10843 and on the chat's port.
This server answers on the chat's port only, which needs no privilege and no second port.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any
from urllib.parse import urlsplit
from xml.sax.saxutils import quoteattr

from lab.chat.events import RoomEvent
from lab.contract import Connection, ConnectOptions, ServeOptions, Settings
from transports._native.websockets import Bounded, OnWebsockets
from transports._shared.tls import client_context

REQUEST = b"<policy-file-request/>\0"
FILE = (
    '<?xml version="1.0"?><!DOCTYPE cross-domain-policy SYSTEM '
    '"http://www.macromedia.com/xml/dtds/cross-domain-policy.dtd">'
    "<cross-domain-policy>{}</cross-domain-policy>\0"
)
ALLOW = "<allow-access-from domain={} to-ports={}/>"


class FlashSocket(OnWebsockets):
    """The transport `websocket` with the policy file before it."""

    name = "flashsocket"
    summary = (
        "native WebSocket behind Flash's policy file; "
        "no browser has run Flash since January 2021 (Chromium 88)"
    )
    unsafe = (
        "a policy file gives raw sockets to Flash movies, which write any header as they like; "
        "Socket.IO's gave them to the movies of every site"
    )
    no_browser = (
        "no browser runs it: Adobe blocked Flash content from 12 January 2021 on, and "
        "Chrome 88 removed Flash on 19 January 2021"
    )

    def effective_settings(self, settings: Settings) -> Mapping[str, str]:
        """See `Transport`."""
        return {
            **super().effective_settings(settings),
            "policy": "movies of the same host, for this port",
        }

    def accepting(self, options: ServeOptions) -> Callable[..., Bounded]:
        """See `OnWebsockets`."""
        return partial(_PolicyFirst, origins=options.origins)

    async def connect(
        self, url: str, on_event: Callable[[RoomEvent], None], options: ConnectOptions
    ) -> Connection:
        """See `Transport`."""
        server = urlsplit(url)
        async with asyncio.timeout(options.timeout_s):
            await ask_policy(server.hostname or "", server.port or 80, client_context(options.tls))
            return await super().connect(url, on_event, options)


class _PolicyFirst(Bounded):
    """A connection that may be a request for the policy file. No HTTP request begins with `<`."""

    def __init__(self, *args: Any, origins: tuple[str, ...] | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._origins = origins
        self._undecided: bytes | None = b""

    def data_received(self, data: bytes) -> None:
        if self._undecided is None:
            super().data_received(data)
            return
        self._undecided += data
        if self._undecided.startswith(REQUEST):
            host, port = self.transport.get_extra_info("sockname")[:2]
            self.transport.write(policy(host, port, self._origins))
            self.transport.close()
        elif not REQUEST.startswith(self._undecided):
            data, self._undecided = self._undecided, None
            super().data_received(data)


def policy(host: str, port: int, origins: tuple[str, ...] | None) -> bytes:
    """Write the policy file: movies of these origins, or of the host, may use this port only.

    Socket.IO 0.9 wrote `domain="*" to-ports="*"`, which lets in the movies of every site.
    """
    hosts = [host] if origins is None else [urlsplit(origin).hostname for origin in origins]
    allowed = [ALLOW.format(quoteattr(name), quoteattr(str(port))) for name in hosts if name]
    return FILE.format("".join(allowed)).encode()


async def ask_policy(host: str, port: int, tls: ssl.SSLContext | None = None) -> bytes:
    """Request the policy file as Flash Player did, on a separate connection.

    Raises:
        OSError: no server listens, it has no policy file, or the file allows no site.
    """
    reader, writer = await asyncio.open_connection(host, port, ssl=tls)
    try:
        writer.write(REQUEST)
        found = await reader.readuntil(b"\0")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        raise ConnectionRefusedError("the server has no policy file") from None
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
    if b"<allow-access-from" not in found:
        raise ConnectionRefusedError("the server's policy file allows no site")
    return found
