"""What RFC 9113 asks of a server, on each transport whose sessions are streams of HTTP/2."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from h2.errors import ErrorCodes
from h2.settings import SettingCodes
from hpack import Decoder
from hyperframe.frame import (
    Frame,
    HeadersFrame,
    PingFrame,
    RstStreamFrame,
    SettingsFrame,
    WindowUpdateFrame,
)

from lab.chat.limits import Limits
from lab.contract import Capability, Transport
from tests.conformance.client import RoomClient
from tests.conformance.http2 import Frames, dial, request
from tests.conformance.served import ServedTransport, served
from transports._h2.client import ClientConnection, Shared
from transports._h2.connection import HEADER_BYTES
from transports._h2.server import RESETS, STREAMS
from transports._h2.stream import Stream

pytestmark = pytest.mark.needs(Capability.HTTP_2)

KIB = 1024
TEXT = "x" * (32 * KIB)
LARGEST_FRAME = 16_384
"""RFC 9113 section 4.2: what a server takes that has announced nothing else."""

Wrong = Callable[[Frames, str], list[Frame | bytes]]


def too_large_frame(_peer: Frames, _url: str) -> list[Frame | bytes]:
    return [(LARGEST_FRAME + 1).to_bytes(3, "big") + b"\1\0\0\0\0\1"]


def header_bomb(peer: Frames, url: str) -> list[Frame | bytes]:
    # HPACK repeats a field of the table in one byte.
    value = "x" * 2048
    repeated = [("bomb", value)] * (2 * HEADER_BYTES // len(value))
    return [peer.headers(1, [*request(url), *repeated])]


def endless_header_block(peer: Frames, url: str) -> list[Frame | bytes]:
    head = HeadersFrame(1, peer.encoder.encode(request(url)), flags=["END_STREAM"])
    return [head, *[b"\0\0\1\x09\0\0\0\0\1\0"] * 1000]  # CONTINUATION without END_HEADERS


def broken_compression(_peer: Frames, _url: str) -> list[Frame | bytes]:
    return [HeadersFrame(1, b"\xff\xff\xff\xff\xff", flags=["END_HEADERS", "END_STREAM"])]


def too_many_streams(peer: Frames, url: str) -> list[Frame | bytes]:
    asked = request(url, method="POST")
    return [peer.headers(2 * n + 1, asked, ends=False) for n in range(STREAMS + 1)]


def window_past_the_largest(_peer: Frames, _url: str) -> list[Frame | bytes]:
    return [WindowUpdateFrame(0, 2**31 - 1)]


def even_stream(peer: Frames, url: str) -> list[Frame | bytes]:
    return [peer.headers(2, request(url))]


def rapid_reset(peer: Frames, url: str) -> list[Frame | bytes]:
    sent: list[Frame | bytes] = []
    for stream in range(1, 4 * RESETS, 2):
        sent += [peer.headers(stream, request(url)), RstStreamFrame(stream, error_code=8)]
    return sent


WRONG: dict[str, tuple[Wrong, set[ErrorCodes]]] = {
    "a frame larger than 16,384 bytes (section 4.2)": (
        too_large_frame,
        {ErrorCodes.FRAME_SIZE_ERROR},
    ),
    "more header bytes than admitted (section 10.5.1)": (
        header_bomb,
        {ErrorCodes.ENHANCE_YOUR_CALM},
    ),
    "a header block without an end (section 10.5)": (
        endless_header_block,
        {ErrorCodes.ENHANCE_YOUR_CALM, ErrorCodes.PROTOCOL_ERROR},
    ),
    "a header block that is no HPACK (section 4.3)": (
        broken_compression,
        {ErrorCodes.COMPRESSION_ERROR, ErrorCodes.PROTOCOL_ERROR},
    ),
    "more streams than announced (section 5.1.2)": (
        too_many_streams,
        {ErrorCodes.PROTOCOL_ERROR, ErrorCodes.REFUSED_STREAM},
    ),
    "a window past 2^31 - 1 (section 6.9.1)": (
        window_past_the_largest,
        {ErrorCodes.FLOW_CONTROL_ERROR},
    ),
    "a stream with the server's number (section 5.1.1)": (
        even_stream,
        {ErrorCodes.PROTOCOL_ERROR},
    ),
    "streams opened only to be reset (section 10.5)": (
        rapid_reset,
        {ErrorCodes.ENHANCE_YOUR_CALM},
    ),
}
"""What a client sends against a clause -> the codes that the clause allows in GOAWAY."""


async def test_what_breaks_a_clause_ends_only_its_connection(
    transport: Transport, subtests: pytest.Subtests
) -> None:
    async with served(transport) as s:
        url = s.server.address.url
        ann = await s.connect()
        await ann.joined("den", "ann")
        for name, (wrong, codes) in WRONG.items():
            with subtests.test(name):
                async with dial(url) as peer:
                    peer.send(*wrong(peer, url))
                    assert await peer.goes_away() in codes
                await ann.listing()
        with subtests.test("HTTP/1.1 in place of the preface (section 3.4)"):
            async with dial(url, preface=False) as peer:
                peer.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                assert await peer.goes_away() == ErrorCodes.PROTOCOL_ERROR
        await s.holds(1)


async def status(peer: Frames, fields: list[tuple[str, str]]) -> int:
    """Ask on the first stream, which stays open. Returns the status of the answer."""
    peer.send(peer.headers(1, fields, ends=False))
    answer = await peer.first(HeadersFrame)
    assert isinstance(answer, HeadersFrame)
    found = {str(name): str(value) for name, value in Decoder().decode(answer.data)}
    return int(found[":status"])


async def test_a_server_answers_what_the_protocol_asks(
    transport: Transport, subtests: pytest.Subtests
) -> None:
    async with served(transport) as s:
        url = s.server.address.url
        async with dial(url) as peer:
            with subtests.test("SETTINGS first, with RFC 8441's (section 3.4)"):
                first = await anext(peer.frames())
                assert isinstance(first, SettingsFrame)
                assert first.settings[SettingCodes.ENABLE_CONNECT_PROTOCOL] == 1
                assert first.settings[SettingCodes.MAX_CONCURRENT_STREAMS] >= 100
            with subtests.test("PING is answered with its data (section 6.7)"):
                peer.send(PingFrame(0, b"the same"))
                pong = await peer.first(PingFrame)
                assert isinstance(pong, PingFrame)
                assert ("ACK" in pong.flags, pong.opaque_data) == (True, b"the same")
            with subtests.test("a CONNECT for no WebSocket gets 501 (RFC 9110, 15.6.2)"):
                asked = [*request(url, method="CONNECT"), (":protocol", "no-such")]
                asked.sort(key=lambda field: not field[0].startswith(":"))
                assert await status(peer, asked) == 501
        websocket = [*request(url, method="CONNECT"), (":protocol", "websocket")]
        version = ("sec-websocket-version", "13")
        for name, change, expected in (
            ("a foreign Origin", [("origin", "https://evil.example")], 403),
            ("a Host of another server", [(":authority", "evil.example")], 421),
        ):
            with subtests.test(f"{name} gets {expected}"):
                fields = dict([*websocket, version, *change])
                async with dial(url) as peer:
                    assert await status(peer, list(fields.items())) == expected
        with subtests.test("a WebSocket opens where it is declared (RFC 8441 section 5)"):
            async with dial(url) as peer:
                opens = await status(peer, [*websocket, version]) == 200
            assert opens == (Capability.EXTENDED_CONNECT in transport.capabilities)
        await s.empty()


async def test_the_last_frame_of_a_server_is_goaway(transport: Transport) -> None:
    async with served(transport) as s, dial(s.server.address.url) as peer:
        peer.send(PingFrame(0, bytes(8)))
        await peer.first(PingFrame)
        await s.shut()
        assert await peer.goes_away() == ErrorCodes.NO_ERROR


class Unreading(ClientConnection):
    """Reads all streams, and opens no window again for those in `unread`."""

    def __init__(self) -> None:
        super().__init__()
        self.unread: set[int] = set()

    def acknowledge(self, stream: Stream, count: int) -> None:
        if stream.id not in self.unread:
            super().acknowledge(stream, count)
        elif count:
            self._h2.increment_flow_control_window(count)  # the connection's alone
            self.flush()


@asynccontextmanager
async def sharing(s: ServedTransport) -> AsyncIterator[tuple[Shared, Unreading]]:
    """A TCP connection for several clients, which the test may misuse."""
    address = s.server.address
    async with Shared(s.options().tls, Unreading) as shared:
        found = await shared.connection(address.host, address.port)
        assert isinstance(found, Unreading)
        yield shared, found


async def member(s: ServedTransport, shared: Shared, name: str) -> RoomClient:
    """A client on the shared connection, in the room."""
    client = RoomClient()
    options = s.options(pool=shared)
    connecting = s.transport.connect(s.server.address.url, client.events.append, options)
    client.connection = await connecting
    s.clients.append(client)
    await client.joined("den", name)
    return client


async def test_a_stream_without_a_window_stalls_only_itself(transport: Transport) -> None:
    limits = Limits(queue_bytes=256 * KIB, log_bytes=64 * KIB)
    async with served(transport, limits=limits) as s, sharing(s) as (shared, connection):
        slow = await member(s, shared, "slow")
        connection.unread |= set(connection.streams)
        bob = await member(s, shared, "bob")
        said = 0
        while bob.departed("slow") is None:
            await bob.said("den", TEXT)
            said += 1
            assert said * len(TEXT) < 64 * KIB * KIB, "it is still served"
        assert bob.departed("slow") == "slow_consumer"
        await bob.has_messages(said)
        await slow.ended()
        await bob.said("den", "still here")


async def test_a_reset_stream_is_a_lost_member_and_no_other(transport: Transport) -> None:
    async with served(transport) as s, sharing(s) as (shared, connection):
        ann = await member(s, shared, "ann")
        hers = list(connection.streams.values())
        bob = await member(s, shared, "bob")
        for stream in hers:
            stream.abort()
        assert await bob.sees_departed("ann") == "lost"
        await ann.ended()
        await s.holds(1)
        await bob.said("den", "still here")
