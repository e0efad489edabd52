"""Capture the requests of a transport's own client, to send them again with one change."""

from __future__ import annotations

from http import HTTPStatus

from lab.contract import Capability
from lab.handshakes.request import Request, handshake, parse_requests
from lab.relay.relay import Chunk
from tests.conformance import raw
from tests.conformance.client import RoomClient
from tests.conformance.served import ServedTransport


async def overheard(s: ServedTransport) -> tuple[RoomClient, list[Request]]:
    """A client that has joined, and the requests that it sent for this."""
    chunks: list[Chunk] = []
    client = await s.connect(await s.relay(tap=chunks.append))
    await client.joined("den", "ann")
    sent: dict[int, bytes] = {}
    for chunk in chunks:
        if chunk.direction == "up":
            sent[chunk.connection] = sent.get(chunk.connection, b"") + chunk.data
    return client, [request for data in sent.values() for request in parse_requests(data)]


async def replay(s: ServedTransport, request: Request, body: bytes | None = None) -> int:
    """Send a request again on a new connection, with another body if one is given."""
    headers = {name: value for name, value in request.headers.items() if name != "Content-Length"}
    again = request._replace(headers=headers, body=request.body if body is None else body)
    async with raw.dial(s.server.address.host, s.server.address.port) as connection:
        return await connection.status(again)


async def openings(s: ServedTransport) -> list[tuple[Request, int]]:
    """The requests by which a client may begin, and the status of a successful answer."""
    found: list[tuple[Request, int]] = []
    if (url := s.server.address.websocket_url) is not None:
        found.append((handshake(url), HTTPStatus.SWITCHING_PROTOCOLS))
    if Capability.HTTP_SESSION in s.transport.capabilities:
        client, requests = await overheard(s)
        await client.close()
        found.append((requests[0], HTTPStatus.OK))
    return found


async def status_of(s: ServedTransport, data: bytes) -> int:
    """The status of the first answer to these bytes on a connection of their own."""
    async with raw.dial(s.server.address.host, s.server.address.port) as connection:
        connection.send(data)
        return await connection.answered()
