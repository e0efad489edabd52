"""A bare WebTransport client: it sends bytes that the lab's client would not send."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple

from aioquic.h3.events import HeadersReceived

from lab.contract import Capability, Transport, netloc
from tests.conformance.client import in_time
from tests.conformance.served import ServedTransport
from transports._quic import client
from transports._quic.messages import encode
from transports._quic.session import Ended


class Spoken(NamedTuple):
    """How to speak with a transport. `opening`: the messages of a client that joins a room."""

    target: str
    opening: tuple[str, ...]
    write: Callable[[bytes], bytes]
    too_long: bytes
    """The header of a message that no server of the lab takes."""


NATIVE = Spoken(
    "/", ('{"type":"join","id":1,"room":"den","name":"raw"}',), encode, b"\xff" + b"\xff" * 7
)
SOCKETIO = Spoken(
    "/socket.io/?EIO=4&transport=webtransport",
    ("0", "40", '420["join",{"room":"den","name":"raw"}]'),
    lambda text: bytes((len(text),)) + text,
    b"\x7f" + b"\xff" * 8,
)


def spoken(transport: Transport) -> Spoken:
    """How to speak with this transport."""
    return SOCKETIO if Capability.ENGINE_IO in transport.capabilities else NATIVE


class Raw:
    """An open session. `read` is what has arrived on its stream."""

    def __init__(self, link: client.ClientLink, spoken: Spoken, reads: bool) -> None:
        self.link = link
        self.session = link.admitted.result()
        self.read = bytearray()
        self._reads = reads
        self._spoken = spoken
        self._more = asyncio.Event()
        self.session.received, self.session.stream_ended = self._received, lambda: None

    @property
    def port(self) -> int:
        """The client's own port."""
        assert self.link._transport is not None
        port: int = self.link._transport.get_extra_info("sockname")[1]
        return port

    def _received(self, data: bytes) -> None:
        self.read += data
        if self._reads:
            self.session.handled(len(data))
        self._more.set()

    def send(self, data: bytes, *, is_last: bool = False) -> None:
        """Send these bytes on the session's stream."""
        assert self.session.stream_id is not None
        self.link.quic.send_stream_data(self.session.stream_id, data, is_last)
        self.link.transmit()

    async def until(self, part: bytes) -> None:
        """Wait until these bytes have arrived."""
        while part not in self.read:
            self._more.clear()
            await in_time(self._more.wait())

    async def join(self) -> None:
        """Join the room `den` as `raw`."""
        for message in self._spoken.opening:
            self.send(self._spoken.write(message.encode()))
        await self.until(b'"joined"')

    async def ended(self) -> Ended:
        """Wait until the session has ended. Returns how."""
        how: Ended = await in_time(asyncio.shield(self.link.ended))
        return how

    async def status(self, path: str, **changed: str) -> int:
        """The status of the answer to a further request on this connection."""
        answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        stream_id = self.link.quic.get_next_available_stream_id()
        before = self.link.headers_received

        def received(event: HeadersReceived) -> None:
            if event.stream_id == stream_id:
                answer.set_result(int(dict(event.headers)[b":status"]))
            else:
                before(event)

        head = {"method": "CONNECT", "protocol": "webtransport", "scheme": "https"}
        head |= {"authority": "localhost", "path": path, **changed}
        pairs = [(f":{name}".encode(), value.encode()) for name, value in head.items() if value]
        self.link.headers_received = received  # type: ignore[method-assign]
        self.link.http.send_headers(stream_id, pairs)
        self.link.transmit()
        return int(await in_time(answer))


@asynccontextmanager
async def opened(s: ServedTransport, *, reads: bool = True) -> AsyncIterator[Raw]:
    """A session at the server of `s`. Without `reads` it gives the server no credit for more."""
    how, address = spoken(s.transport), s.server.address
    url = f"https://{netloc(address.host, address.port)}{how.target}"
    link = await client.connect(url, s.options())
    try:
        yield Raw(link, how, reads)
    finally:
        await link.leave()
