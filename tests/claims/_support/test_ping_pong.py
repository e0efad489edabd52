"""A ping-pong over emulated networks, and its end when the partner fails."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from lab.chat.events import Message, RoomEvent
from lab.claims._support.ping_pong import EXCHANGES, node_partner, ping_pong, ping_pongs
from lab.contract import ConnectOptions
from lab.decode.decode import decode
from lab.decode.tree import ChatEvent, walk
from lab.interop.node import NodeError, node_unavailable
from lab.measure.server import ServerProcess
from tests.interop.conftest import needs
from transports import registry

TRANSPORT = "websocket"


async def echo(url: str, room: str, name: str) -> Mapping[str, Any]:
    """A partner in Python that repeats what it receives."""
    texts: asyncio.Queue[str] = asyncio.Queue()

    def hear(event: RoomEvent) -> None:
        if isinstance(event, Message) and event.name != name:
            texts.put_nowait(event.text)

    connection = await registry.load(TRANSPORT).connect(url, hear, ConnectOptions())
    await connection.join(room, name)
    heard = 0
    while (text := await texts.get()) != "bye":
        heard += 1
        await connection.say(room, text)
    await connection.close()
    return {"heard": heard}


async def failing(url: str, room: str, name: str) -> Mapping[str, Any]:
    raise ConnectionRefusedError("the join is refused")


async def leaving(url: str, room: str, name: str) -> Mapping[str, Any]:
    return {"heard": 0}


async def test_every_text_goes_there_and_back() -> None:
    with ServerProcess(TRANSPORT) as server:
        played = await ping_pong(registry.load(TRANSPORT), server, echo)
    assert played.complete
    assert played.heard == EXCHANGES
    assert played.delivery_rtts >= 1, "no text is faster than the network"
    for capture in (played.ours, played.theirs):
        (connection,) = decode(capture.chunks, capture.events).connections
        names = [n.name for n in walk(connection.nodes()) if isinstance(n, ChatEvent)]
        assert names.count("message") >= 2 * EXCHANGES
        assert capture.counted.down_bytes == len(connection.down_bytes)


async def test_a_failing_partner_ends_it_with_its_own_error() -> None:
    with (
        ServerProcess(TRANSPORT) as server,
        pytest.raises(ConnectionRefusedError, match="the join is refused"),
    ):
        await ping_pong(registry.load(TRANSPORT), server, failing)


async def test_a_partner_that_leaves_early_ends_it() -> None:
    with (
        ServerProcess(TRANSPORT) as server,
        pytest.raises(RuntimeError, match="left before the end"),
    ):
        await ping_pong(registry.load(TRANSPORT), server, leaving)


async def test_a_partner_in_node_plays_natively_and_on_socket_io() -> None:
    needs(node_unavailable())
    transports = {"websocket": (), "socketio-polling": ("polling",)}
    played = await ping_pongs(transports, lambda transport: node_partner(transports[transport]))
    assert played.keys() == transports.keys()
    assert all(one.complete for one in played.values())


async def test_a_refused_partner_in_node_reports_the_reason() -> None:
    needs(node_unavailable())
    with pytest.raises(NodeError, match=r"no Socket\.IO to .*: websocket error"):
        await ping_pongs(["socketio-polling"], lambda _: node_partner(("websocket",)))
