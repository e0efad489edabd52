"""The raw client: it speaks Socket.IO where that is spoken, and says so where it is not."""

from __future__ import annotations

import asyncio

import pytest
from websockets.asyncio.server import ServerConnection, serve

from lab.contract import Capability, Heartbeat, Transport
from lab.interop.spoken import NotSocketIOError, speak
from lab.load.tapped import through
from lab.wire.relay import Chunk
from lab.wire.rfc6455 import unmask
from tests.conformance.guest import PATIENCE_S, eventually, in_time
from tests.conformance.stage import Stage, stage
from transports import registry

LOADED = [registry.load(name) for name in registry.available()]
SPOKEN_AT = [
    wire for wire in LOADED if wire.capabilities >= {Capability.ENGINE_IO, Capability.WEBSOCKET}
]


def is_pong(data: bytes) -> bool:
    """Whether it is a masked text frame that holds Engine.IO's pong."""
    header, mask, text = data[:2], data[2:6], data[6:]
    return header == b"\x81\x81" and unmask(text, mask) == b"3"


def door(s: Stage) -> str:
    return str(s.server.address.websocket_url)


@pytest.mark.parametrize("wire", SPOKEN_AT, ids=lambda wire: str(wire.name))
async def test_it_chats_with_a_guest_of_the_wires_own(wire: Transport) -> None:
    async with stage(wire) as s, speak(door(s)) as spoken:
        joined = await in_time(spoken.ask("join", {"room": "den", "name": "raw"}))
        assert (joined["type"], joined["name"]) == ("joined", "raw")
        guest = await s.connect()
        await guest.joined("den", "guest")
        name, event = await in_time(spoken.hear())
        assert (name, event["name"]) == ("arrived", "guest")
        text = 'a "quoted" 42[0]'
        said = await in_time(spoken.ask("say", {"room": "den", "text": text}))
        assert said["type"] == "said"
        await guest.has_messages(1)
        assert guest.messages[0].text == text
        refused = await in_time(spoken.ask("leave", {"room": "attic"}))
        assert (refused["type"], refused["code"]) == ("refused", "not_in_room")


@pytest.mark.parametrize("wire", SPOKEN_AT, ids=lambda wire: str(wire.name))
async def test_it_answers_the_heartbeat_while_it_listens(wire: Transport) -> None:
    pongs: list[Chunk] = []

    def tap(chunk: Chunk) -> None:
        if chunk.direction == "up" and is_pong(chunk.data):
            pongs.append(chunk)

    async with stage(wire, heartbeat=Heartbeat(1, PATIENCE_S)) as s:
        line = await s.line(tap=tap)
        async with (
            speak(through(door(s), s.server.address.port, line)) as spoken,
            asyncio.TaskGroup() as listening,
        ):
            await in_time(spoken.ask("join", {"room": "den", "name": "raw"}))
            hearing = listening.create_task(spoken.hear())
            await eventually(lambda: len(pongs) >= 2, "it answered two pings")
            guest = await s.connect()
            await guest.joined("den", "guest")
            assert (await in_time(hearing))[0] == "arrived"


async def test_who_speaks_something_else_is_told_apart() -> None:
    async def greet(ws: ServerConnection) -> None:
        await ws.send("hello")
        await ws.wait_closed()

    async with serve(greet, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(NotSocketIOError, match="got 'hello'"):
            async with speak(f"ws://127.0.0.1:{port}/"):
                pytest.fail("it was let in")
