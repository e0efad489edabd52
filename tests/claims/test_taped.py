"""A taped line: everything that crossed it, and the transports that were asked for."""

from __future__ import annotations

import pytest

from lab.claims.taped import requests_of, taped, transports_asked_for
from lab.contract import ConnectOptions
from lab.load.tapped import Tape
from lab.measure.server import ServerProcess
from lab.wire.tape import Traffic
from tests.wire.capture import load
from transports import registry


@pytest.mark.parametrize(
    ("capture", "asked"),
    [
        ("socketio", ("polling", "websocket")),
        ("socketio-polling", ("polling",)),
        ("socketio-websocket", ("websocket",)),
        ("native", ()),
    ],
)
def test_the_transports_are_read_from_the_requests_in_order(
    capture: str, asked: tuple[str, ...]
) -> None:
    kept = load(capture)
    assert transports_asked_for(Tape(kept.chunks, kept.events, Traffic())) == asked


async def test_all_that_crosses_the_line_is_on_the_tape() -> None:
    with ServerProcess("websocket") as server:
        async with taped(server.url, int(server.ready["port"])) as line:
            options = ConnectOptions()
            connection = await registry.load("websocket").connect(line.entrance, print, options)
            await connection.join("den", "ann")
            await connection.close()
            tape = line.tape
    up = b"".join(chunk.data for chunk in tape.chunks if chunk.direction == "up")
    assert up.startswith(b"GET ")
    assert len(up) == tape.counted.up_bytes
    assert "opened" in {event.kind for event in tape.events}


def test_every_request_is_found_in_the_order_of_its_begin() -> None:
    kept = load("socketio")
    found = requests_of(Tape(kept.chunks, kept.events, Traffic()))
    assert [request.method for request in found] == ["GET", "GET"]
    assert "transport=polling" in found[0].target
    assert "transport=websocket" in found[1].target
