"""Socket.IO's client on WebTransport: python-engineio has a stream in place of a WebSocket."""

from __future__ import annotations

from typing import Any, NamedTuple

from lab.contract import ConnectOptions
from transports._quic import client, packets
from transports._quic.client import ClientLink
from transports._quic.inbox import AwaitedInbox
from transports._quic.messages import Messages

OPEN = "0"
"""The packet by which a client opens a session."""


class Received(NamedTuple):
    """What the library reads of a message of aiohttp's. No data: the session has ended."""

    data: str | bytes | None
    type: str


class ClientStream:
    """The packets of one session. The library takes it for a WebSocket of aiohttp's."""

    def __init__(self, link: ClientLink, most_bytes: int) -> None:
        self._link = link
        self._session = link.admitted.result()
        self._inbox = AwaitedInbox(self._session, Messages(packets.read_header, most_bytes))
        link.ended.add_done_callback(lambda _: self._inbox.wake())

    async def receive(self) -> Received:
        """The next packet, or the end of the session."""
        try:
            return Received(packets.decode(await self._inbox.next()), "packet")
        except (ConnectionResetError, UnicodeDecodeError) as error:
            return Received(None, str(error))

    async def send_str(self, packet: str) -> None:
        """Send a packet of text.

        Raises:
            ConnectionClosedError: the session has ended.
        """
        await self._send(packet)

    async def send_bytes(self, packet: bytes) -> None:
        """Send a packet of bytes. See `send_str`."""
        await self._send(packet)

    async def _send(self, packet: str | bytes) -> None:
        await self._link.room_to_send(self._session)
        self._session.send(packets.encode(packet))

    async def close(self) -> None:
        """Close the session, after what the server takes at once."""
        self._link.transmit()
        await self._link.leave()


class StreamHttp:
    """Opens one session. The library takes it for an HTTP client of aiohttp's."""

    def __init__(self, options: ConnectOptions) -> None:
        self.closed = False
        self._options = options
        self._opened: ClientStream | None = None

    async def ws_connect(self, url: str, **_options: Any) -> ClientStream:
        """Open a session, where the library would open a WebSocket. See `client.connect`."""
        target = url.replace("transport=websocket", "transport=webtransport")
        link = await client.connect(target, self._options)
        self._opened = ClientStream(link, self._options.frame_bytes)
        await self._opened.send_str(OPEN)
        return self._opened

    async def close(self) -> None:
        """Close the session, if the library has not."""
        self.closed = True
        if self._opened is not None:
            await self._opened.close()
