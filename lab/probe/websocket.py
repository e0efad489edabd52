"""Opening handshakes of RFC 6455, and what a native WebSocket server does after one."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import NamedTuple

from lab.decode.headers import members
from lab.handshakes.link import RawConnection
from lab.handshakes.request import HANDSHAKE, Request
from lab.probe.client import Client
from lab.probe.frames import DEFLATE, Frames
from lab.probe.response import Response

OFFER = f"{DEFLATE}; client_max_window_bits"
"""What browsers offer (RFC 7692 section 7.1)."""
SUBPROTOCOLS = (
    "graphql-transport-ws",
    "graphql-ws",
    "mqtt",
    "v12.stomp",
    "wamp.2.json",
    "actioncable-v1-json",
    "ocpp1.6",
    "xmpp",
    "sip",
    "binary",
)
"""Well-known ones: a server chooses from what it is offered, and names none by itself."""
INVENTED = "lab.no-such-protocol"
"""A server that chooses it takes any subprotocol."""
ACCEPT_SUFFIX = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""RFC 6455 section 1.3."""


class Opened(NamedTuple):
    """The answer to an opening handshake; `frames` where it opened."""

    response: Response
    connection: RawConnection
    frames: Frames | None

    @property
    def accept_valid(self) -> bool:
        """Whether the server proved that it read the key (RFC 6455 section 4.2.2, 5.4)."""
        key = HANDSHAKE["Sec-WebSocket-Key"].encode()
        digest = hashlib.sha1(key + ACCEPT_SUFFIX, usedforsecurity=False).digest()
        return self.response.get("sec-websocket-accept") == base64.b64encode(digest).decode()


def opening(client: Client, resource: str, headers: Mapping[str, str] | None = None) -> Request:
    """A right opening handshake, with these headers in addition or instead."""
    return client.request(resource, HANDSHAKE).having(dict(headers or {}))


@asynccontextmanager
async def opened(
    client: Client, resource: str, headers: Mapping[str, str] | None = None
) -> AsyncIterator[Opened]:
    """Open a WebSocket, and leave it in the end."""
    async with client.dial() as connection:
        found = await upgrade(client, connection, opening(client, resource, headers))
        yield found
        if found.frames is not None:
            found.frames.leave()


async def upgrade(client: Client, connection: RawConnection, request: Request) -> Opened:
    """Send an opening handshake on a connection that may have had other requests."""
    response = await client.exchange(connection, request)
    if not response.opened:
        return Opened(response, connection, None)
    return Opened(response, connection, Frames(connection, extensions(response)))


def extensions(response: Response) -> tuple[str, ...]:
    """The extensions that a server accepted, each with its parameters."""
    return tuple(members(response.headers, "sec-websocket-extensions"))
