"""Among the handshakes: what a right opening of each server is, which every wrong one begins from.

Where a wire answers opening handshakes, that is RFC 6455's own. Where it speaks HTTP only, a real
client is overheard: nothing here knows how any wire writes its requests.
"""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import msgspec

from lab.contract import Address, ConnectOptions, Transport, netloc
from lab.handshakes.request import HANDSHAKE, Request, handshake, parse_requests
from lab.load.closed_loop import ignore
from lab.load.tapped import through
from lab.wire.relay import Chunk, Relay


class Opening(msgspec.Struct, frozen=True):
    """The first request of a client that does everything right.

    `over`: a request of a session that has ended, where sessions go by HTTP.
    """

    request: Request
    over: Request | None = None

    @property
    def upgrades(self) -> bool:
        """Whether it is RFC 6455's opening handshake."""
        return "Upgrade" in self.request.headers

    @property
    def engine_io(self) -> bool:
        """Whether the server speaks Engine.IO."""
        return "EIO" in parse_qs(urlsplit(self.request.target).query)

    @property
    def upgrade(self) -> Request:
        """The same as an opening handshake of RFC 6455, whether or not it is one already."""
        return self.request.having(HANDSHAKE)


async def opening_of(wire: Transport, address: Address) -> Opening:
    """How a client opens this server.

    Raises:
        OSError, TimeoutError: the wire's own client can't connect.
    """
    if address.websocket_url is not None:
        return Opening(handshake(address.websocket_url))
    requests = [
        request.having({"Host": netloc(address.host, address.port)})
        for request in await _overhear(wire, address)
    ]
    first = requests[0]
    later = (r for r in requests if r.method == "GET" and r.target != first.target)
    return Opening(first, next(later, None))


async def _overhear(wire: Transport, address: Address) -> list[Request]:
    """What the wire's own client says from its connect to its goodbye, in the order of its lines.

    Raises OSError where that is no HTTP.
    """
    chunks: list[Chunk] = []
    async with Relay(address.host, address.port, tap=chunks.append) as relay:
        url = through(address.url, address.port, relay)
        connection = await wire.connect(url, ignore, ConnectOptions())
        await connection.rooms()
        await connection.close()
    sent: dict[int, bytes] = {}
    for chunk in chunks:
        if chunk.direction == "up":
            sent[chunk.connection] = sent.get(chunk.connection, b"") + chunk.data
    requests = [request for data in sent.values() for request in parse_requests(data)]
    if not requests:
        raise ConnectionError(f"{wire.name} opened its session without a request")
    return requests
