"""The client that judges servers, against servers with every kind of answer."""

from __future__ import annotations

import socket

import pytest

from lab.decode.decode import decode
from lab.decode.tree import HttpRequest, HttpResponse, Undecodable
from lab.handshakes.answer import After
from lab.handshakes.client import ask
from lab.handshakes.request import handshake
from tests.conformance.client import PATIENCE_S
from tests.handshakes.scripted import CLOSE, SILENCE, scripted

REFUSAL = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 8\r\n\r\nno, sir\n"
ENDLESS = b"HTTP/1.1 400 Bad Request\r\n\r\nno, sir\n"
SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
OPEN = b"\x81\x02{}"
PONG = b"\x8a\x01?"
CLOSING = b"\x88\x05\x03\xf0bye"  # 1008

SOON_S = 2
"""The time limit where nothing can be late, or where only the first answer counts."""

SCRIPTS: dict[str, tuple[list[object], str]] = {
    "refuses and closes": ([(REFUSAL, CLOSE)], "400 closed"),
    "refuses until it closes": ([(ENDLESS, CLOSE)], "400 closed"),
    "refuses, and closes when asked again": ([REFUSAL, CLOSE], "400 closed"),
    "refuses twice": ([REFUSAL, REFUSAL], "400 kept"),
    "refuses, then accepts": ([REFUSAL, SWITCH], "400 kept"),
    "closes at once": ([CLOSE], "hung up"),
    "speaks something else": ([(b"220 ready\r\n", CLOSE)], "no HTTP closed"),
    "upgrades": ([SWITCH, PONG], "101 kept"),
    "upgrades, and sends frames": ([(SWITCH, OPEN), (OPEN, PONG)], "101 kept"),
    "upgrades and closes": ([(SWITCH, CLOSE)], "101 closed"),
    "upgrades and sends a close frame": ([(SWITCH, CLOSING, CLOSE)], "101 closed"),
    "upgrades and continues in HTTP": ([(SWITCH, REFUSAL, CLOSE)], "101 then 400 closed"),
}
SLOW_SCRIPTS: dict[str, tuple[list[object], str]] = {
    "refuses and goes deaf": ([REFUSAL, SILENCE], "400 deaf"),
    "never ends its answer": ([REFUSAL[:-1]], "400 deaf"),
    "sends nothing": ([SILENCE], "silence"),
    "upgrades and goes deaf": ([SWITCH, SILENCE], "101 deaf"),
    "upgrades, continues in HTTP, and stays open": ([(SWITCH, REFUSAL)], "101 then 400 deaf"),
}
EVERY = {
    name: (steps, kind, patience_s)
    for scripts, patience_s in ((SCRIPTS, PATIENCE_S), (SLOW_SCRIPTS, SOON_S))
    for name, (steps, kind) in scripts.items()
}


@pytest.mark.parametrize("steps, kind, patience_s", EVERY.values(), ids=list(EVERY))
async def test_the_answer_describes_what_the_server_does(
    steps: list[object], kind: str, patience_s: float
) -> None:
    async with scripted(steps) as port:
        request = handshake(f"ws://127.0.0.1:{port}/")
        found = await ask("127.0.0.1", port, request, request, patience_s)
    assert found.answer.kind == kind
    assert found.answer.refused == (kind not in {"101 kept", "101 closed", "101 deaf"})


async def test_the_text_of_an_answer_is_kept() -> None:
    wanted = (
        b"HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 13\r\nContent-Length: 9\r\n\r\n"
    )
    async with scripted([(wanted + b"not 99\nno", CLOSE)]) as port:
        request = handshake(f"ws://127.0.0.1:{port}/")
        answer = (await ask("127.0.0.1", port, request, request, PATIENCE_S)).answer
    assert (answer.status, answer.reason, answer.after) == (426, "Upgrade Required", After.CLOSED)
    assert (answer.body, answer.version) == ("not 99", "13")
    assert answer.by_the_documents


async def test_the_text_of_a_close_frame_is_kept() -> None:
    async with scripted([(SWITCH, CLOSING, CLOSE)]) as port:
        request = handshake(f"ws://127.0.0.1:{port}/")
        answer = (await ask("127.0.0.1", port, request, request, PATIENCE_S)).answer
    assert answer.body == "close frame 1008 bye"


async def test_the_capture_holds_every_byte() -> None:
    async with scripted([REFUSAL, (SWITCH, CLOSE)]) as port:
        right = handshake(f"ws://127.0.0.1:{port}/")
        wrong = right._replace(method="POST")
        capture = (await ask("127.0.0.1", port, wrong, right, PATIENCE_S)).capture
    sent = b"".join(chunk.data for chunk in capture.chunks if chunk.direction == "up")
    came = b"".join(chunk.data for chunk in capture.chunks if chunk.direction == "down")
    assert (sent, came) == (wrong.encode() + right.encode(), REFUSAL + SWITCH)
    assert (capture.counted.up_bytes, capture.counted.down_bytes) == (len(sent), len(came))
    (connection,) = decode(capture.chunks, capture.events).connections
    assert [type(node) for node in connection.up] == [HttpRequest, HttpRequest]
    assert [node.status for node in connection.down if isinstance(node, HttpResponse)] == [400, 101]


async def test_a_request_that_no_parser_accepts_is_still_shown() -> None:
    async with scripted([(REFUSAL, CLOSE)]) as port:
        right = handshake(f"ws://127.0.0.1:{port}/")
        capture = (await ask("127.0.0.1", port, right.without("Host"), right, PATIENCE_S)).capture
    (connection,) = decode(capture.chunks, capture.events).connections
    (node,) = connection.up
    assert isinstance(node, Undecodable)
    assert "Host" in node.reason


async def test_no_listening_server_is_an_error() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        right = handshake(f"ws://127.0.0.1:{port}/")
        with pytest.raises(OSError):
            await ask("127.0.0.1", port, right, right, PATIENCE_S)
