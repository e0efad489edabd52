"""The baselines send the bytes of the transport that is compared with them, and no others."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

import msgspec
import pytest

from lab.chat import commands
from lab.chat.commands import Say
from lab.chat.events import Message, RoomEvent, Said
from lab.chat.limits import Limits
from lab.chat.rooms import Rooms
from lab.contract import Address, Capability, ConnectOptions, ServeOptions
from lab.handshakes.request import handshake
from lab.load.raw import RawRoom
from lab.measure.server import ServerProcess
from lab.service import ChatService
from tests.conformance import raw
from tests.conformance.client import PATIENCE_S, eventually, in_time
from tests.conformance.smuggling import CASES, statuses
from transports import registry
from transports._codec.requests import MOST_HEAD_BYTES
from transports._tuned import limit

NAMES = list(registry.LIMITS)
OPENING = (
    b"GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each baseline in turn."""
    yield request.param


def test_a_baseline_does_not_claim_to_be_a_room(name: str) -> None:
    assert Capability.ROOM not in registry.load(name).capabilities


def delivered(transport: str, text: str) -> bytes:
    with ServerProcess(transport, ["--unpaced"]) as server:
        where = msgspec.convert(server.ready, Address)
        with RawRoom(registry.load(transport), where, "den", 3) as room:
            room.fan_out([text], 1)
            lasts = {member.last for member in room.members}
    assert len(lasts) == 1
    return lasts.pop()


@pytest.mark.parametrize("text", ["hello", 'é "𒀀" \\ \n'])
def test_a_delivery_has_the_bytes_of_the_transport_without_a_library(name: str, text: str) -> None:
    mine, theirs = delivered(name, text), delivered("websocket", text)
    assert mine.rpartition(b'"at":')[0] == theirs.rpartition(b'"at":')[0]
    assert len(mine) == len(theirs)


async def test_a_librarys_client_joins_and_speaks(name: str) -> None:
    transport, heard = registry.load(name), list[RoomEvent]()
    async with transport.serve(ChatService(), ServeOptions()) as server:
        options = ConnectOptions(timeout_s=PATIENCE_S)
        clients = [
            await transport.connect(server.address.url, heard.append, options) for _ in range(3)
        ]
        for number, client in enumerate(clients):
            await in_time(client.join("den", f"guest {number}"))
        assert isinstance(await in_time(clients[1].say("den", "hello")), Said)
        await eventually(lambda: len(heard) == 3, "everybody heard it")
        assert {type(event) for event in heard} == {Message}
        assert server.sessions() == 3
        for client in clients:
            await client.close()
        await eventually(lambda: server.sessions() == 0, "everybody is gone")


@pytest.mark.parametrize(("name", "writes"), [("limit-tcp", 16), ("limit-gathered", 1)])
async def test_messages_of_one_read_are_written_as_promised(
    name: str, writes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: dict[limit.LimitConnection, int] = {}
    send = limit.LimitConnection.send

    def counted(connection: limit.LimitConnection, data: bytes) -> None:
        written[connection] = written.get(connection, 0) + 1
        send(connection, data)

    transport, heard = registry.load(name), list[RoomEvent]()
    async with transport.serve(ChatService(), ServeOptions()) as server:
        address = server.address
        ann = await transport.connect(address.url, heard.append, ConnectOptions())
        await in_time(ann.join("den", "ann"))
        async with asyncio.timeout(PATIENCE_S):
            reader, writer = await asyncio.open_connection(address.host, address.port)
            writer.write(OPENING)
            await reader.readuntil(b"\r\n\r\n")
            writer.write(masked(b'{"type":"join","id":1,"room":"den","name":"bob"}'))
            await reader.readuntil(b"}")
            monkeypatch.setattr(limit.LimitConnection, "send", counted)
            says = [commands.encode(Say(number, "den", "hello")) for number in range(16)]
            writer.write(b"".join(map(masked, says)))
            await eventually(lambda: len(heard) == 16, "all of it was heard")
        monkeypatch.setattr(limit.LimitConnection, "send", send)
        writer.close()
        await ann.close()
    assert min(written.values()) == writes


def masked(text: bytes) -> bytes:
    """A client's frame, with a zero mask."""
    size = bytes((0x80 | len(text),)) if len(text) < 126 else b"\xfe" + len(text).to_bytes(2)
    return b"\x81" + size + bytes(4) + text


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (masked(b'{"type":"history","id":1,"room":"den","limit":3}'), 1003),
        (masked(b"what?"), 1003),
        (b"\x81\x05hello", 1002),
        (b"\x88\x82" + bytes(4) + b"\x03\xe8", 1000),
    ],
    ids=["history", "no command", "no mask", "close"],
)
async def test_an_unknown_message_ends_the_connection(name: str, said: bytes, code: int) -> None:
    async with (
        asyncio.timeout(PATIENCE_S),
        registry.load(name).serve(ChatService(), ServeOptions()) as server,
    ):
        reader, writer = await asyncio.open_connection(server.address.host, server.address.port)
        writer.write(OPENING[:40])
        await writer.drain()
        writer.write(OPENING[40:] + said)
        await reader.readuntil(b"\r\n\r\n")
        answer = await reader.read()
        assert answer[:1] == b"\x88"
        assert int.from_bytes(answer[2:4]) == code
        assert server.sessions() == 0
        writer.close()


async def test_an_invalid_handshake_is_refused(name: str) -> None:
    async with (
        asyncio.timeout(PATIENCE_S),
        registry.load(name).serve(ChatService(), ServeOptions()) as server,
    ):
        reader, writer = await asyncio.open_connection(server.address.host, server.address.port)
        writer.write(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        assert (await reader.read()).startswith(b"HTTP/1.1 426 ")
        writer.close()


async def test_a_client_that_does_not_read_is_cut_off_and_delays_no_other(name: str) -> None:
    limits = Limits(queue_bytes=64 * 1024)
    transport, heard = registry.load(name), list[RoomEvent]()
    async with transport.serve(ChatService(Rooms(limits)), ServeOptions()) as server:
        address = server.address
        with socket.socket() as deaf:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.setblocking(False)
            loop = asyncio.get_running_loop()
            await loop.sock_connect(deaf, (address.host, address.port))
            await loop.sock_sendall(
                deaf, OPENING + masked(b'{"type":"join","id":1,"room":"den","name":"deaf"}')
            )
            await eventually(lambda: server.sessions() == 1, "it is in")
            ann = await transport.connect(address.url, heard.append, ConnectOptions())
            await in_time(ann.join("den", "ann"))
            said = 0
            async with asyncio.timeout(PATIENCE_S):
                while server.sessions() == 2:
                    await ann.say("den", "x" * 30_000)
                    said += 1
            await eventually(lambda: len(heard) == said, "the other heard it all")
            await ann.close()


async def test_an_ambiguous_request_is_refused_and_the_connection_ends(name: str) -> None:
    taken: dict[str, list[int]] = {}
    async with registry.load(name).serve(ChatService(), ServeOptions()) as server:
        address = server.address
        assert address.websocket_url is not None
        opening = handshake(address.websocket_url)
        for case, spoil in CASES.items():
            async with raw.dial(address.host, address.port) as connection:
                connection.send(spoil(opening))
                found = statuses(await connection.rest())
            if len(found) != 1 or found[0] < 400:
                taken[case] = found
    assert taken == {}


async def test_a_head_that_never_ends_is_refused(name: str) -> None:
    begun = b"GET / HTTP/1.1\r\nX: "
    async with (
        registry.load(name).serve(ChatService(), ServeOptions()) as server,
        raw.dial(server.address.host, server.address.port) as connection,
    ):
        connection.send(begun + b"a" * (MOST_HEAD_BYTES - len(begun)))
        assert await connection.answered() == 431


@pytest.mark.parametrize(
    "begun, answer",
    [
        pytest.param(b"", [], id="nothing"),
        pytest.param(OPENING[:-2], [408], id="half a head"),
        pytest.param(OPENING[:-2] + b"Content-Length: 5\r\n\r\n", [408], id="no body"),
    ],
)
async def test_an_unfinished_handshake_is_given_up(
    name: str, begun: bytes, answer: list[int]
) -> None:
    options = ServeOptions(request_timeout_s=0.1)
    async with (
        registry.load(name).serve(ChatService(), options) as server,
        raw.dial(server.address.host, server.address.port) as connection,
    ):
        connection.send(begun)
        assert statuses(await connection.rest()) == answer
