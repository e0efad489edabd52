"""A member whose library reconnects joins each time, and misses nothing if it resumes."""

from __future__ import annotations

import pytest

from lab.claims._support.captured import captured_route
from lab.claims._support.reconnecting_client import reconnecting_client
from lab.contract import ConnectOptions
from lab.load.closed_loop import ignore
from lab.measure.server import ServerProcess
from tests.conformance.client import eventually, in_time
from transports import registry


@pytest.mark.parametrize("resumes", [False, True])
async def test_a_member_that_resumes_receives_what_it_missed(resumes: bool) -> None:
    with ServerProcess("socketio") as server:
        async with (
            captured_route(server.url, int(server.ready["port"])) as line,
            reconnecting_client(line.entrance, "den", resumes) as ben,
        ):
            ann = await registry.load("socketio").connect(server.url, ignore, ConnectOptions())
            await in_time(ann.join("den", "ann"))
            await in_time(ann.say("den", "before"))
            await eventually(lambda: ben.heard == ["before"], "the first text arrived")
            line.relay.stall()
            await in_time(ann.say("den", "meanwhile"))
            line.relay.cut()
            line.relay.resume()
            joined = await in_time(ben.joined.get())
            assert joined["type"] == "joined"
            await in_time(ann.say("den", "after"))
            await eventually(lambda: "after" in ben.heard, "the last text arrived")
            await in_time(ann.close())
        meanwhile = ["meanwhile"] if resumes else []
        assert ben.heard == ["before", *meanwhile, "after"]
