"""The wire `flashsocket`: native WebSocket, behind the policy file that Flash asked for first.

Browsers without a WebSocket of their own were lent one by a Flash movie (Socket.IO 0.1 to 0.9).
Flash Player opens a socket only where the host allows it: on a TCP connection of its own it sends
`<policy-file-request/>` and NUL, and is given an XML file. Then come the handshake and the frames
of the wire `websocket`. No browser has run Flash since January 2021 (Chromium 88): it is here for
what the extra step costs.

Flash Player asked port 843 first; Socket.IO's server answered on 10843 and on the chat's own port.
Only the last is done here: it needs no privilege and no second port.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any
from urllib.parse import urlsplit
from xml.sax.saxutils import quoteattr

from lab.chat.events import RoomEvent
from lab.contract import Connection, ConnectOptions, ServeOptions, Settings
from transports._websockets import Bounded, OnWebsockets

REQUEST = b"<policy-file-request/>\0"
FILE = (
    '<?xml version="1.0"?><!DOCTYPE cross-domain-policy SYSTEM '
    '"http://www.macromedia.com/xml/dtds/cross-domain-policy.dtd">'
    "<cross-domain-policy>{}</cross-domain-policy>\0"
)
ALLOW = "<allow-access-from domain={} to-ports={}/>"


class FlashSocket(OnWebsockets):
    """The same as the wire `websocket`, one step later."""

    name = "flashsocket"
    summary = (
        "native WebSocket behind Flash's policy file; "
        "no browser has run Flash since January 2021 (Chromium 88)"
    )
    unsafe = (
        "a policy file gives raw sockets to Flash movies, which write any header as they like; "
        "Socket.IO's gave them to the movies of every site"
    )

    def knobs(self, settings: Settings) -> Mapping[str, str]:
        """See `Transport`."""
        return {**super().knobs(settings), "policy": "movies of the same host, for this port"}

    def accepting(self, options: ServeOptions) -> Callable[..., Bounded]:
        """See `OnWebsockets`."""
        return partial(_PolicyFirst, origins=options.origins)

    async def connect(
        self, url: str, on_event: Callable[[RoomEvent], None], options: ConnectOptions
    ) -> Connection:
        """See `Transport`."""
        server = urlsplit(url)
        async with asyncio.timeout(options.timeout_s):
            await ask_policy(server.hostname or "", server.port or 80)
            return await super().connect(url, on_event, options)


class _PolicyFirst(Bounded):
    """A connection that may turn out to be a request for the policy: no HTTP begins with `<`."""

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
    """The file: movies of these origins, or else of the host itself, may use this port, no other.

    Socket.IO 0.9 wrote `domain="*" to-ports="*"`.
    """
    hosts = [host] if origins is None else [urlsplit(origin).hostname for origin in origins]
    allowed = [ALLOW.format(quoteattr(name), quoteattr(str(port))) for name in hosts if name]
    return FILE.format("".join(allowed)).encode()


async def ask_policy(host: str, port: int) -> bytes:
    """Ask for the file as Flash Player did, on a connection that is there for nothing else.

    Raises:
        OSError: nobody listens, there is no policy file, or it allows nobody.
    """
    reader, writer = await asyncio.open_connection(host, port)
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
        raise ConnectionRefusedError("the server's policy file allows nobody")
    return found
