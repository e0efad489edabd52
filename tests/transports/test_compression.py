"""Every transport with the capability compresses, is decoded, and refuses what grows too large."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator

import aiohttp
import pytest
from pytest import Subtests

from lab.compression import OFF, STOCK, Compression
from lab.contract import Capability, ConnectOptions, Transport
from lab.decode.inflate import TAIL
from lab.decode.rfc6455 import Header, headers
from lab.decode.tree import Frame, HttpResponse, StreamPart, Undecodable
from lab.handshakes.request import handshake
from lab.ledger.ledger import ledger
from lab.load.tapped import Script, converse, trace_of
from tests.conformance.client import PATIENCE_S, in_time
from tests.conformance.raw import CLOSE, TEXT, dial, frame
from tests.conformance.served import ServedTransport, served
from tests.decode.test_decode import all_of, assert_accounted
from transports import registry

SAYING = ("hello there " * 100, "hello here " * 100, "é 𒀀 and hello again " * 60)
PLAIN_BYTES = sum(len(text.encode()) for text in SAYING)
RSV1 = 0x40
TOO_LARGE = 1009
UNSUPPORTED_MEDIA_TYPE = 415
"""RFC 9110 section 15.5.16."""
OFFER = "permessage-deflate; client_max_window_bits"
BOMB_BYTES = 8 << 20
"""Sixteen times what a server takes, in some kilobytes."""


def compressing() -> list[str]:
    loaded = map(registry.load, registry.available())
    return [each.name for each in loaded if Capability.COMPRESSION in each.capabilities]


def choices(transport: Transport) -> Iterator[Compression]:
    """Each kind of what can be chosen."""
    assert transport.compression is not None
    yield from (OFF, STOCK)
    for wanted in (
        Compression("set", 15, 6),
        Compression("set", 12, 1),
        Compression("set", 9, 9, takeover=False),
    ):
        if transport.compression.fault_of(transport.name, wanted) is None:
            yield wanted


def test_the_capability_and_the_choices_go_together() -> None:
    for name in registry.available():
        transport = registry.load(name)
        declared = Capability.COMPRESSION in transport.capabilities
        assert declared == (transport.compression is not None), name


@pytest.mark.parametrize("name", compressing())
async def test_what_is_compressed_arrives_and_is_decoded(name: str, subtests: Subtests) -> None:
    transport, crossed = registry.load(name), dict[str, int]()
    for chosen in choices(transport):
        with subtests.test(str(chosen)):
            async with served(transport, compression=chosen) as s:
                options = ConnectOptions(timeout_s=PATIENCE_S, compression=chosen)
                capture = await converse(
                    transport, s.server.address.url, s.server.address.port,
                    Script(texts=SAYING), options,
                )  # fmt: skip
            trace = trace_of(capture)
            assert not all_of(trace, Undecodable)
            assert_accounted(trace)
            found = ledger(trace)
            assert found.total.down.total == capture.counted.down_bytes
            assert [entry.deliveries for entry in found.entries] == [len(SAYING)]
            crossed[str(chosen)] = capture.counted.down_bytes
            carriers = [*all_of(trace, Frame), *all_of(trace, HttpResponse)]
            grown = sum(each.text_bytes or 0 for each in [*carriers, *all_of(trace, StreamPart)])
            if chosen.kind == "off":
                assert grown == 0
            elif chosen.kind == "set":
                assert grown > PLAIN_BYTES, "the size of the text is shown beside that of the bytes"
    for chosen in choices(transport):
        if chosen.kind == "set":
            assert crossed[str(chosen)] < crossed["off"] - PLAIN_BYTES / 2


@pytest.mark.parametrize("name", compressing())
async def test_what_grows_too_large_ends_its_connection(name: str) -> None:
    transport = registry.load(name)
    *_, strongest = choices(transport)
    async with served(transport, compression=strongest) as s:
        if Capability.WEBSOCKET in transport.capabilities:
            await bomb_as_message(s)
        if Capability.EXTENDED_CONNECT in transport.capabilities:
            await bomb_in_a_stream(s)
        if Capability.HTTP_SESSION in transport.capabilities:
            await bomb_as_body(s)
        await (await s.connect()).joined("den", "ann")


async def bomb_as_message(s: ServedTransport) -> None:
    url = s.server.address.websocket_url
    assert url
    offer = handshake(url).having({"Sec-WebSocket-Extensions": OFFER})
    async with dial(s.server.address.host, s.server.address.port) as connection:
        assert await connection.status(offer) == 101
        connection.send(bomb(s))
        ends_as_too_large(await connection.rest())


async def bomb_in_a_stream(s: ServedTransport) -> None:
    """The same over HTTP/2: the handshake is a CONNECT, and the frame is the content of DATA."""
    from hyperframe.frame import DataFrame, HeadersFrame

    from tests.conformance import http2

    url = s.server.address.url
    asked = http2.request(
        url,
        method="CONNECT",
        **{":protocol": "websocket", "sec-websocket-version": "13"},
        **{"sec-websocket-extensions": OFFER},
    )
    async with http2.dial(url) as peer:
        peer.send(peer.headers(1, asked, ends=False))
        await peer.first(HeadersFrame)
        peer.send(DataFrame(1, bomb(s)))
        answer = await peer.first(DataFrame)
        assert isinstance(answer, DataFrame)
        ends_as_too_large(answer.data)


def bomb(s: ServedTransport) -> bytes:
    """A frame that the server takes, with a message that it doesn't."""
    press = zlib.compressobj(9, wbits=-9)
    message = press.compress(b"4" + bytes(BOMB_BYTES)) + press.flush(zlib.Z_SYNC_FLUSH)
    assert len(message) < s.chat.limits.frame_bytes
    return frame(TEXT, message.removesuffix(TAIL), first=0x80 | RSV1)


def ends_as_too_large(answer: bytes) -> None:
    *_, last = headers(answer, 0)
    assert isinstance(last, Header)
    assert last.opcode == CLOSE
    assert int.from_bytes(answer[last.body : last.body + 2]) == TOO_LARGE


async def bomb_as_body(s: ServedTransport) -> None:
    """No server decompresses a request: a body with a content coding is refused unread."""
    is_engine_io = Capability.ENGINE_IO in s.transport.capabilities
    path = "?EIO=4&transport=polling" if is_engine_io else f"1/{s.transport.name}/none"
    fields = {"Content-Encoding": "gzip", "Content-Type": "text/plain;charset=UTF-8"}
    body = gzip.compress(b"4:::" + bytes(BOMB_BYTES))
    target = f"{s.server.address.url}/socket.io/{path}"
    async with aiohttp.ClientSession() as http:
        answered = await in_time(http.post(target, data=body, headers=fields))
    assert answered.status == UNSUPPORTED_MEDIA_TYPE
