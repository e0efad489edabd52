"""An Engine.IO session by hand against a real server: one POST with the chosen packets."""

from __future__ import annotations

import aiohttp
import pytest

from lab.claims._support.captured import captured_route, trace_of
from lab.claims._support.polling_session import PollingSession
from lab.decode.tree import EngineIoPacket, HttpRequest, walk
from lab.measure.server import ServerProcess


async def test_texts_travel_in_one_post_and_arrive() -> None:
    with ServerProcess("socketio-polling") as server:
        async with (
            captured_route(server.url, int(server.ready["port"])) as line,
            aiohttp.ClientSession() as http,
        ):
            session = PollingSession(http, line.entrance, "den")
            await session.open("ann")
            assert await session.say(["one", "two", "three"]) == 200
            await session.say(["end"])
            assert await session.heard("end") == ["one", "two", "three"]
            requests = [
                node
                for connection in trace_of(line.capture).connections
                for node in connection.up
                if isinstance(node, HttpRequest)
            ]
        sizes = [
            sum(isinstance(part, EngineIoPacket) for part in walk([request]))
            for request in requests
        ]
        assert sizes.count(3) == 1


async def test_an_unknown_session_is_refused() -> None:
    with ServerProcess("socketio-polling") as server:
        async with aiohttp.ClientSession() as http:
            session = PollingSession(http, server.url, "den")
            await session.open("ann")
            await session.post(["1"])
            with pytest.raises(aiohttp.ClientResponseError):
                for _ in range(2):  # packets that still wait may arrive first
                    await session.poll()
