"""Engine.IO over HTTP by hand: one POST with just these packets, on a real server."""

from __future__ import annotations

import aiohttp
import pytest

from lab.claims.polling_session import Session
from lab.claims.taped import taped, trace_of
from lab.measure.server import ServerProcess
from lab.wire.tree import EngineIoPacket, HttpRequest, walk


async def test_texts_go_in_one_post_and_are_heard() -> None:
    with ServerProcess("socketio-polling") as server:
        async with (
            taped(server.url, int(server.ready["port"])) as line,
            aiohttp.ClientSession() as http,
        ):
            session = Session(http, line.entrance, "den")
            await session.open("ann")
            assert await session.say(["one", "two", "three"]) == 200
            await session.say(["end"])
            assert await session.heard("end") == ["one", "two", "three"]
            requests = [
                node
                for connection in trace_of(line.tape).connections
                for node in connection.up
                if isinstance(node, HttpRequest)
            ]
        sizes = [
            sum(isinstance(part, EngineIoPacket) for part in walk([request]))
            for request in requests
        ]
        assert sizes.count(3) == 1


async def test_a_session_that_is_unknown_is_refused() -> None:
    with ServerProcess("socketio-polling") as server:
        async with aiohttp.ClientSession() as http:
            session = Session(http, server.url, "den")
            await session.open("ann")
            await session.post(["1"])
            with pytest.raises(aiohttp.ClientResponseError):
                for _ in range(2):  # what still waits for it may come first
                    await session.poll()
