"""The right opening handshake of each server; every wrong one is a change of it.

Where a transport answers opening handshakes, it is RFC 6455's own. Where a transport speaks HTTP
only, the transport's own client is captured: nothing here knows how it writes its requests.
"""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import msgspec

from lab.contract import Address, ConnectOptions, Transport, netloc
from lab.handshakes.request import HANDSHAKE, Request, handshake, parse_requests
from lab.load.closed_loop import ignore
from lab.load.tapped import through
from lab.relay.relay import Chunk, Relay


class Opening(msgspec.Struct, frozen=True):
    """The first request of a client without faults.

    `over`: a request of a session that has ended, on transports with sessions over HTTP.
    """

    request: Request
    over: Request | None = None

    @property
    def upgrades(self) -> bool:
        """Whether the request is RFC 6455's opening handshake."""
        return "Upgrade" in self.request.headers

    @property
    def engine_io(self) -> bool:
        """Whether the server speaks Engine.IO."""
        return "EIO" in parse_qs(urlsplit(self.request.target).query)

    @property
    def upgrade(self) -> Request:
        """The request as an opening handshake of RFC 6455, if it is not one already."""
        return self.request.having(HANDSHAKE)


async def opening_of(transport: Transport, address: Address) -> Opening:
    """Return how a client opens a connection to this server.

    Raises:
        OSError, TimeoutError: the transport's own client can't connect.
    """
    if address.websocket_url is not None:
        return Opening(handshake(address.websocket_url))
    requests = [
        request.having({"Host": netloc(address.host, address.port)})
        for request in await _captured_requests(transport, address)
    ]
    first = requests[0]
    later = (r for r in requests if r.method == "GET" and r.target != first.target)
    return Opening(first, next(later, None))


async def _captured_requests(transport: Transport, address: Address) -> list[Request]:
    """Return what the transport's own client sends from connect to close, by connection.

    Raises OSError where it does not send HTTP.
    """
    chunks: list[Chunk] = []
    async with Relay(address.host, address.port, tap=chunks.append) as relay:
        url = through(address.url, address.port, relay)
        connection = await transport.connect(url, ignore, ConnectOptions())
        await connection.rooms()
        await connection.close()
    sent: dict[int, bytes] = {}
    for chunk in chunks:
        if chunk.direction == "up":
            sent[chunk.connection] = sent.get(chunk.connection, b"") + chunk.data
    requests = [request for data in sent.values() for request in parse_requests(data)]
    if not requests:
        raise ConnectionError(f"{transport.name} opened its session without an HTTP request")
    return requests
