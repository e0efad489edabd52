"""Loses one packet of a QUIC stream, and times the text of another stream behind it.

No transport of the lab has a stream for each room. So this is QUIC alone, without HTTP/3: each text
is a stream of its own, and a stream has its own order (RFC 9000 section 2.2).
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.asyncio.server import QuicServer
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection
from aioquic.quic.events import QuicEvent, StreamDataReceived

from lab.contract import ClientTls, ServerTls
from lab.link.link import ADDRESS, Link
from lab.load.lost_packet import TEXT, Run, behind_lost
from lab.measure.clock import now_ns
from lab.tls.authority import certified

PROTOCOLS = ["lab"]


class _Said(NamedTuple):
    """When the second text was said, and the streams of both."""

    second_ns: int
    streams: tuple[int, int]


class _Speaker(QuicConnectionProtocol):
    """The server's end of the connection."""

    def say_both(self) -> _Said:
        """Send a text on each of two new streams, in a packet each."""
        first = self._say()
        second_ns = now_ns()
        return _Said(second_ns, (first, self._say()))

    def _say(self) -> int:
        stream = self._quic.get_next_available_stream_id(is_unidirectional=True)
        self._quic.send_stream_data(stream, TEXT.encode(), end_stream=True)
        self.transmit()
        return stream


class _Listener(QuicConnectionProtocol):
    """The client's end. `heard`: stream -> when its text has arrived."""

    def __init__(self, quic: QuicConnection) -> None:
        super().__init__(quic)
        self.heard: defaultdict[int, asyncio.Future[int]] = defaultdict(self._loop.create_future)

    def quic_event_received(self, event: QuicEvent) -> None:
        if isinstance(event, StreamDataReceived) and event.end_stream:
            self.heard[event.stream_id].set_result(now_ns())


class _Server(NamedTuple):
    """A server on the other side, and the end of its first connection."""

    port: int
    udp: QuicServer
    speaker: asyncio.Future[_Speaker]

    async def say_both(self) -> _Said:
        return (await self.speaker).say_both()

    async def close(self) -> None:
        self.udp.close()


async def delays_of_streams(link: Link, speaking: Run[Any], trials: int) -> list[int]:
    """How long the second stream's text takes, in ns, with the packet of the first one lost.

    Runs on the client's side; `speaking` runs a coroutine on the server's. Raises NotLostError.
    """
    with certified([ADDRESS["server"]]) as made:
        server: _Server = await speaking(_serve(made.server))
        try:
            async with _listening(server.port, made.client) as listener:
                one = partial(_say_and_hear, server, speaking, listener)
                return [await behind_lost(link, True, one) for _ in range(trials)]
        finally:
            await speaking(server.close())


async def _say_and_hear(server: _Server, speaking: Run[Any], listener: _Listener) -> int:
    said: _Said = await speaking(server.say_both())
    _, heard_ns = await asyncio.gather(*(listener.heard[stream] for stream in said.streams))
    return heard_ns - said.second_ns


async def _serve(files: ServerTls) -> _Server:
    loop = asyncio.get_running_loop()
    speaker: asyncio.Future[_Speaker] = loop.create_future()

    def accept(quic: QuicConnection, stream_handler: None = None) -> _Speaker:
        speaker.set_result(_Speaker(quic, stream_handler))
        return speaker.result()

    configuration = QuicConfiguration(is_client=False, alpn_protocols=PROTOCOLS)
    configuration.load_cert_chain(Path(files.certificate), Path(files.key))
    transport, udp = await loop.create_datagram_endpoint(
        lambda: QuicServer(configuration=configuration, create_protocol=accept),
        local_addr=(ADDRESS["server"], 0),
    )
    return _Server(transport.get_extra_info("sockname")[1], udp, speaker)


@asynccontextmanager
async def _listening(port: int, tls: ClientTls) -> AsyncIterator[_Listener]:
    configuration = QuicConfiguration(
        is_client=True, alpn_protocols=PROTOCOLS, server_name=ADDRESS["server"]
    )
    configuration.load_verify_locations(tls.authority)
    transport, listener = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _Listener(QuicConnection(configuration=configuration)),
        remote_addr=(ADDRESS["server"], port),
    )
    try:
        listener.connect(transport.get_extra_info("peername"))
        await listener.wait_connected()
        yield listener
    finally:
        listener.close()
        await listener.wait_closed()
        transport.close()
