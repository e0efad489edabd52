"""A volley: two members on emulated lines, and what becomes of it when the partner fails."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from lab.chat.events import Message, RoomEvent
from lab.claims.volley import EXCHANGES, node_partner, volley, volleys
from lab.contract import ConnectOptions
from lab.interop.node import NodeError, node_unavailable
from lab.measure.server import ServerProcess
from lab.wire.decode import decode
from lab.wire.tree import ChatEvent, walk
from tests.interop.conftest import needs
from transports import registry

WIRE = "websocket"


async def echo(url: str, room: str, name: str) -> Mapping[str, Any]:
    """A partner in Python, who says again what he hears."""
    texts: asyncio.Queue[str] = asyncio.Queue()

    def hear(event: RoomEvent) -> None:
        if isinstance(event, Message) and event.name != name:
            texts.put_nowait(event.text)

    connection = await registry.load(WIRE).connect(url, hear, ConnectOptions())
    await connection.join(room, name)
    heard = 0
    while (text := await texts.get()) != "bye":
        heard += 1
        await connection.say(room, text)
    await connection.close()
    return {"heard": heard}


async def failing(url: str, room: str, name: str) -> Mapping[str, Any]:
    raise ConnectionRefusedError("nobody lets him in")


async def leaving(url: str, room: str, name: str) -> Mapping[str, Any]:
    return {"heard": 0}


async def test_every_text_goes_there_and_back() -> None:
    with ServerProcess(WIRE) as server:
        played = await volley(registry.load(WIRE), server, echo)
    assert played.complete
    assert played.heard == EXCHANGES
    assert played.delivery_rtts >= 1, "no text is faster than the line"
    for tape in (played.ours, played.theirs):
        (connection,) = decode(tape.chunks, tape.events).connections
        names = [n.name for n in walk(connection.nodes()) if isinstance(n, ChatEvent)]
        assert names.count("message") >= 2 * EXCHANGES
        assert tape.counted.down_bytes == len(connection.down_bytes)


async def test_a_partner_who_fails_ends_it_with_his_own_error() -> None:
    with (
        ServerProcess(WIRE) as server,
        pytest.raises(ConnectionRefusedError, match="nobody lets him in"),
    ):
        await volley(registry.load(WIRE), server, failing)


async def test_a_partner_who_goes_away_is_not_waited_for() -> None:
    with ServerProcess(WIRE) as server, pytest.raises(RuntimeError, match="went away"):
        await volley(registry.load(WIRE), server, leaving)


async def test_a_partner_in_node_plays_natively_and_on_socket_io() -> None:
    needs(node_unavailable())
    transports = {"websocket": (), "socketio-polling": ("polling",)}
    played = await volleys(transports, lambda wire: node_partner(transports[wire]))
    assert played.keys() == transports.keys()
    assert all(one.complete for one in played.values())


async def test_a_partner_in_node_who_is_not_let_in_says_why() -> None:
    needs(node_unavailable())
    with pytest.raises(NodeError, match=r"no Socket\.IO to .*: websocket error"):
        await volleys(["socketio-polling"], lambda _: node_partner(("websocket",)))
