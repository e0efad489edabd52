"""A captured route: every byte that crosses it, and the transports that requests name."""

from __future__ import annotations

import pytest

from lab.claims._support.captured import captured_route, requests_of, transports_asked_for
from lab.contract import ConnectOptions
from lab.load.tapped import Capture
from lab.measure.server import ServerProcess
from lab.relay.capture import Traffic
from tests.decode.capture import load
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
def test_transports_are_read_from_the_requests_in_order(
    capture: str, asked: tuple[str, ...]
) -> None:
    kept = load(capture)
    assert transports_asked_for(Capture(kept.chunks, kept.events, Traffic())) == asked


async def test_the_capture_holds_every_byte_of_the_connection() -> None:
    with ServerProcess("websocket") as server:
        async with captured_route(server.url, int(server.ready["port"])) as line:
            options = ConnectOptions()
            connection = await registry.load("websocket").connect(line.entrance, print, options)
            await connection.join("den", "ann")
            await connection.close()
            capture = line.capture
    up = b"".join(chunk.data for chunk in capture.chunks if chunk.direction == "up")
    assert up.startswith(b"GET ")
    assert len(up) == capture.counted.up_bytes
    assert "opened" in {event.kind for event in capture.events}


def test_requests_are_found_in_the_order_of_their_start() -> None:
    kept = load("socketio")
    found = requests_of(Capture(kept.chunks, kept.events, Traffic()))
    assert [request.method for request in found] == ["GET", "GET"]
    assert "transport=polling" in found[0].target
    assert "transport=websocket" in found[1].target
