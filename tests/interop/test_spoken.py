"""The plain WebSocket client that speaks Socket.IO, at right and at wrong servers."""

from __future__ import annotations

import asyncio

import pytest
from websockets.asyncio.server import ServerConnection, serve

from lab.contract import Capability, Heartbeat, Transport
from lab.decode.rfc6455 import unmask
from lab.interop.spoken import NotSocketIOError, speak
from lab.load.tapped import through
from lab.relay.relay import Chunk
from tests.conformance.client import PATIENCE_S, eventually, in_time
from tests.conformance.served import ServedTransport, served
from transports import registry

LOADED = [registry.load(name) for name in registry.available()]
SPOKEN_AT = [
    transport
    for transport in LOADED
    if transport.capabilities >= {Capability.DEFAULT_PARSER, Capability.WEBSOCKET}
]


def is_pong(data: bytes) -> bool:
    """Whether the bytes are a masked text frame with Engine.IO's pong."""
    header, mask, text = data[:2], data[2:6], data[6:]
    return header == b"\x81\x81" and unmask(text, mask) == b"3"


def door(s: ServedTransport) -> str:
    return str(s.server.address.websocket_url)


@pytest.mark.parametrize("transport", SPOKEN_AT, ids=lambda transport: str(transport.name))
async def test_it_chats_with_the_transports_own_client(transport: Transport) -> None:
    async with served(transport) as s, speak(door(s)) as spoken:
        joined = await in_time(spoken.ask("join", {"room": "den", "name": "raw"}))
        assert (joined["type"], joined["name"]) == ("joined", "raw")
        client = await s.connect()
        await client.joined("den", "guest")
        name, event = await in_time(spoken.hear())
        assert (name, event["name"]) == ("arrived", "guest")
        text = 'a "quoted" 42[0]'
        said = await in_time(spoken.ask("say", {"room": "den", "text": text}))
        assert said["type"] == "said"
        await client.has_messages(1)
        assert client.messages[0].text == text
        refused = await in_time(spoken.ask("leave", {"room": "attic"}))
        assert (refused["type"], refused["code"]) == ("refused", "not_in_room")


@pytest.mark.parametrize("transport", SPOKEN_AT, ids=lambda transport: str(transport.name))
async def test_it_answers_the_heartbeat_while_it_listens(transport: Transport) -> None:
    pongs: list[Chunk] = []

    def tap(chunk: Chunk) -> None:
        if chunk.direction == "up" and is_pong(chunk.data):
            pongs.append(chunk)

    async with served(transport, heartbeat=Heartbeat(1, PATIENCE_S)) as s:
        relay = await s.relay(tap=tap)
        async with (
            speak(through(door(s), s.server.address.port, relay)) as spoken,
            asyncio.TaskGroup() as listening,
        ):
            await in_time(spoken.ask("join", {"room": "den", "name": "raw"}))
            hearing = listening.create_task(spoken.hear())
            await eventually(lambda: len(pongs) >= 2, "it answered two pings")
            client = await s.connect()
            await client.joined("den", "guest")
            assert (await in_time(hearing))[0] == "arrived"


async def test_a_server_with_another_protocol_is_detected() -> None:
    async def greet(ws: ServerConnection) -> None:
        await ws.send("hello")
        await ws.wait_closed()

    async with serve(greet, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(NotSocketIOError, match="got 'hello'"):
            async with speak(f"ws://127.0.0.1:{port}/"):
                pytest.fail("it was accepted")
