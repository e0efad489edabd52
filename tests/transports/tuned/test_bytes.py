"""Compare a captured conversation: the tuned transports send the same bytes as their stock ones.

The differences are declared: response headers without a use for the client (`Date` and `Server` of
a 101, `Server` of others), a NOOP that the library leaves for a poll which never comes, and random
values (session ids).
"""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest

from lab.chat.rooms import Rooms
from lab.contract import Capability, Transport
from lab.relay.relay import Chunk
from lab.service import ChatService
from tests.conformance.served import ServedTransport, served
from transports import registry

PAIRS = {
    "websocket": "websocket-tuned",
    "socketio-websocket": "socketio-websocket-tuned",
    "socketio-polling": "socketio-polling-tuned",
    "socketio": "socketio-tuned",
}
pair = pytest.mark.parametrize("stock, tuned", PAIRS.items(), ids=list(PAIRS))

# Each is in a frame of another kind of length (RFC 6455 section 5.2), or in another alphabet.
TEXTS = ["", "hello", "x" * 60, "y" * 200, "z" * 65536, 'é☕👋 \u2028 \\ " </script> \0']
UNDECLARED = {"server", "date", "content-length"}


class Response(NamedTuple):
    """An HTTP response, with its connection and its time."""

    at_ns: int
    connection: int
    status: bytes
    headers: dict[str, str]
    body: bytes


async def conversation(transport: Transport) -> list[Chunk]:
    """The bytes that a server of `transport` sends to a client that sends each kind of command."""
    chunks: list[Chunk] = []
    chat = ChatService(Rooms(life="one"), clock=lambda: 1_700_000_000_000)
    async with served(transport, chat=chat) as s:
        bob = await s.connect()
        ann = await s.connect(await s.relay(tap=chunks.append))
        await ann.joined("den", "ann")
        await bob.joined("den", "bob")
        await ann.has(1)
        for number, text in enumerate(TEXTS, 1):
            await ann.said("den", text, key=f"k{number}")
            await ann.has_messages(number)
        await answers(s)
        seen = len(ann.events)
        await bob.connection.typing("den")
        await ann.has(seen + 1)
        await bob.left("den")
        await ann.sees_departed("bob")
        return [chunk for chunk in chunks if chunk.direction == "down"]


async def answers(s: ServedTransport) -> None:
    """Every other kind of reply."""
    ann = s.clients[1]
    await ann.page("den", limit=3)
    await ann.listing()
    seen = len(ann.events)
    await ann.joined("attic", "ann", after=0)
    await ann.has(seen + 1)
    await ann.left("attic")
    for name in ("say", "shout", ""):
        await ann.connection.request_untyped(name, {"room": "den"})


def heads_and_rest(chunks: list[Chunk]) -> tuple[list[Response], dict[int, bytes]]:
    """The HTTP responses on all connections, and what came after a 101."""
    responses, rest = [], {}
    for number in sorted({chunk.connection for chunk in chunks}):
        ours = [chunk for chunk in chunks if chunk.connection == number]
        data = b"".join(chunk.data for chunk in ours)
        offset = 0
        while offset < len(data):
            response = first_response(ours, data, offset)
            responses.append(response)
            if response.status.startswith(b"101"):
                rest[number] = data[data.index(b"\r\n\r\n", offset) + 4 :]
                break
            offset = data.index(b"\r\n\r\n", offset) + 4 + len(response.body)
    return sorted(responses), rest


def first_response(chunks: list[Chunk], data: bytes, offset: int) -> Response:
    """The response that begins at `offset`."""
    end = data.index(b"\r\n\r\n", offset)
    first, *lines = data[offset:end].split(b"\r\n")
    pairs = (line.decode().split(": ", 1) for line in lines)
    headers = {name.lower(): value for name, value in pairs}
    size = int(headers.get("content-length", 0))
    at_ns, seen = 0, 0
    for chunk in chunks:
        if seen <= offset:
            at_ns = chunk.at_ns
        seen += len(chunk.data)
    status = first.removeprefix(b"HTTP/1.1 ").upper()
    return Response(at_ns, chunks[0].connection, status, headers, data[end + 4 : end + 4 + size])


def anonymous(data: bytes) -> bytes:
    """The bytes with equal ids of sessions and servers, which have one length on both sides."""
    data = re.sub(rb'"epoch":"\w{16}', b'"epoch":"' + b"*" * 16, data)
    return re.sub(rb'"sid":"[\w-]{20}"', b'"sid":"' + b"*" * 20 + b'"', data)


NOOP_FRAME = b"\x81\x016"


def packets(responses: list[Response]) -> list[bytes]:
    """The packets of all polls; how many each one has depends on its time."""
    polls = [r.body for r in responses if "charset" in r.headers.get("content-type", "")]
    return [anonymous(packet) for body in polls for packet in body.split(b"\x1e")]


@pair
async def test_frames_are_the_same(stock: str, tuned: str) -> None:
    frames = []
    for name in (stock, tuned):
        _responses, rest = heads_and_rest(await conversation(registry.load(name)))
        frames.append([anonymous(data).replace(NOOP_FRAME, b"") for data in rest.values()])
    assert frames[0] == frames[1]
    assert bool(frames[0]) == (Capability.WEBSOCKET in registry.load(stock).capabilities)


@pair
async def test_responses_are_the_same(stock: str, tuned: str) -> None:
    said = []
    for name in (stock, tuned):
        responses, _rest = heads_and_rest(await conversation(registry.load(name)))
        kinds = {
            (r.status, tuple(sorted((n, v) for n, v in r.headers.items() if n not in UNDECLARED)))
            for r in responses
            if not r.status.startswith(b"101")
        }
        said.append((kinds, packets(responses)))
    assert said[0] == said[1]
    assert bool(said[0][1]) == (Capability.HTTP_SESSION in registry.load(stock).capabilities)


@pair
async def test_opening_handshakes_are_the_same(stock: str, tuned: str) -> None:
    """All but `Sec-WebSocket-Accept`, which depends on the key."""
    heads = []
    for name in (stock, tuned):
        responses, _rest = heads_and_rest(await conversation(registry.load(name)))
        names = {"upgrade", "connection"}
        heads.append(
            [
                (r.status, {n: v.lower() for n, v in r.headers.items() if n in names})
                for r in responses
                if r.status.startswith(b"101")
            ]
        )
    assert heads[0] == heads[1]


async def test_a_capture_that_differs_is_reported() -> None:
    chunk = Chunk(1, "down", 5, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK")
    other = Chunk(2, "down", 4, b"HTTP/1.1 101 Switching\r\n\r\n\x81\x01a")
    responses, rest = heads_and_rest([chunk, other])
    assert [(r.connection, r.status, r.body) for r in responses] == [
        (2, b"101 SWITCHING", b""),
        (1, b"200 OK", b"OK"),
    ]
    assert rest == {2: b"\x81\x01a"}
