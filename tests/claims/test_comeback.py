"""A member whose library reconnects: he joins each time, and where he resumes, misses nothing."""

from __future__ import annotations

import pytest

from lab.claims.comeback import comeback
from lab.claims.taped import taped
from lab.contract import ConnectOptions
from lab.load.closed_loop import ignore
from lab.measure.server import ServerProcess
from tests.conformance.guest import eventually, in_time
from transports import registry


@pytest.mark.parametrize("resumes", [False, True])
async def test_who_resumes_hears_what_was_said_meanwhile(resumes: bool) -> None:
    with ServerProcess("socketio") as server:
        async with (
            taped(server.url, int(server.ready["port"])) as line,
            comeback(line.entrance, "den", resumes) as ben,
        ):
            ann = await registry.load("socketio").connect(server.url, ignore, ConnectOptions())
            await in_time(ann.join("den", "ann"))
            await in_time(ann.say("den", "before"))
            await eventually(lambda: ben.heard == ["before"], "he heard the first text")
            line.relay.stall()
            await in_time(ann.say("den", "meanwhile"))
            line.relay.cut()
            line.relay.resume()
            joined = await in_time(ben.joined.get())
            assert joined["type"] == "joined"
            await in_time(ann.say("den", "after"))
            await eventually(lambda: "after" in ben.heard, "he heard the last text")
            await in_time(ann.close())
        meanwhile = ["meanwhile"] if resumes else []
        assert ben.heard == ["before", *meanwhile, "after"]
