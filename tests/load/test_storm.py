"""All clients come back as soon as there is a server, and the missing are counted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from lab.chat.limits import UNPACED
from lab.chat.rooms import Rooms
from lab.contract import ConnectOptions, ServeOptions, Server
from lab.load.storm import Crowd
from lab.measure.clock import now_ns
from lab.measure.figures.storm import BACK_OFFS, BackOff
from lab.service import ChatService
from transports import registry

CLIENTS, ROOM = 5, 2
SOON = BackOff(20, jitter=True)
PATIENCE_S = 60.0


@asynccontextmanager
async def serving(port: int = 0) -> AsyncIterator[Server]:
    chat = ChatService(Rooms(UNPACED))
    async with registry.load("websocket").serve(chat, ServeOptions(port=port)) as server:
        yield server


async def test_all_come_back_to_the_next_server_and_who_does_not_is_missing() -> None:
    transport = registry.load("websocket")
    async with serving() as first:
        port = first.address.port
        connect = partial(transport.connect, first.address.url, options=ConnectOptions())
        crowd = Crowd(lambda heard: connect(on_event=heard), CLIENTS, ROOM, seed=1)
        await crowd.enter()
        assert first.sessions() == CLIENTS
        await crowd.enter()  # who is in stays in
        assert first.sessions() == CLIENTS
    async with crowd.coming_back(SOON) as all_back:
        found = await all_back(0.3)
    assert (found.back_ns, found.missing) == ([], CLIENTS)
    assert found.failed_attempts > 0
    async with crowd.coming_back(SOON) as all_back:
        begun_ns = now_ns()
        async with serving(port) as second:
            found = await all_back(PATIENCE_S)
            assert (len(found.back_ns), found.missing) == (CLIENTS, 0)
            assert min(found.back_ns) > begun_ns
            assert second.sessions() == CLIENTS
            await crowd.close()


def test_a_back_off_pauses_as_its_title_says() -> None:
    paused = {
        name: [each.pause_s(chance) for chance in (0, 0.5)] for name, each in BACK_OFFS.items()
    }
    assert paused == {
        "at_once": [0, 0],
        "fixed_500": [0.5, 0.5],
        "jitter_500": [0, 0.25],
        "fixed_2000": [2, 2],
        "jitter_2000": [0, 1],
    }
    titles = [each.title for each in BACK_OFFS.values()]
    assert titles[0] == "no pause"
    assert titles[3:] == ["a pause of 2 s", "a random pause up to 2 s"]
