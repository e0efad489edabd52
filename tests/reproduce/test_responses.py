"""Counting responses from bytes: by hand, and against the decoder on a real conversation."""

from __future__ import annotations

import math

import pytest

from lab.chat.limits import UNPACED
from lab.chat.rooms import Rooms
from lab.contract import ConnectOptions, ServeOptions
from lab.decode.decode import decode
from lab.decode.tree import ChatEvent, HttpResponse, walk
from lab.load.batches import Outcome, Workload, gathered
from lab.load.tapped import through
from lab.relay.capture import Direction
from lab.relay.relay import Chunk, Relay
from lab.reproduce.responses import Responses, count_responses
from lab.service import ChatService
from transports import registry

WORKLOAD = Workload(
    clients=8, rooms=6, rooms_per_client=3, batches=20, batch_size=5, text_bytes=50, pause_ms=5
)


async def tapped() -> tuple[list[Chunk], Outcome]:
    transport = registry.load("socketio-polling")
    chunks: list[Chunk] = []
    async with (
        transport.serve(ChatService(Rooms(UNPACED)), ServeOptions()) as server,
        Relay("127.0.0.1", server.address.port, tap=chunks.append) as relay,
    ):
        url = through(server.address.url, server.address.port, relay)
        connect = lambda listen: transport.connect(url, listen, ConnectOptions())  # noqa: E731
        async with gathered(connect, WORKLOAD, lambda *_: None) as clients:
            outcome = await clients.say_all(lambda *_: None)
    return chunks, outcome


async def test_the_decoder_counts_the_same_in_a_real_conversation() -> None:
    chunks, outcome = await tapped()
    found = count_responses(chunks)
    responses = [
        node
        for connection in decode(chunks).connections
        for node in connection.down
        if isinstance(node, HttpResponse)
    ]
    brought = [
        sum(isinstance(node, ChatEvent) and node.name == "message" for node in walk([response]))
        for response in responses
    ]
    assert outcome.void == ""
    assert found.deliveries == sum(brought) == outcome.delivered
    assert found.responses == sum(map(bool, brought))
    # Every message has exactly one copy that goes back to its sender.
    assert found.deliveries_to_others == outcome.delivered - outcome.messages
    assert 0 < found.responses_to_others <= found.responses < found.deliveries


def chunk(connection: int, direction: Direction, data: str) -> Chunk:
    return Chunk(connection, direction, 0, data.encode())


def get(sid: str) -> str:
    return f"GET /socket.io/?EIO=4&sid={sid} HTTP/1.1\r\nhost: x\r\n\r\n"


def message(name: str) -> str:
    return f'42["message",{{"room":"room 1","seq":4,"name":"{name}","text":"abc","at":5}}]'


def answer(*packets: str) -> str:
    body = "\x1e".join(packets)
    return f"HTTP/1.1 200 OK\r\ncontent-length: {len(body)}\r\n\r\n{body}"


JOIN = (
    "POST /socket.io/?EIO=4&sid=S1 HTTP/1.1\r\nhost: x\r\n\r\n"
    '421["join",{"room":"room 1","name":"ann"}]'
)


def test_responses_by_hand() -> None:
    down = answer(message("bob"), message("ann")) + answer("6") + answer(message("ann"))
    found = count_responses(
        [
            chunk(1, "up", JOIN),
            chunk(1, "down", answer("ok")),
            chunk(2, "up", get("S1") * 3),
            *(chunk(2, "down", byte) for byte in down),
        ]
    )
    assert found == Responses(2, 3, 1, 1)
    assert found.share == pytest.approx(2 / 3)
    assert found.share_to_others == 1


def test_sessions_are_told_apart() -> None:
    """What ann said is her own copy to her, and a message to others to bob."""
    found = count_responses(
        [
            chunk(1, "up", JOIN),
            chunk(1, "down", answer("ok")),
            chunk(2, "up", get("S1") + get("S2")),
            chunk(2, "down", answer(message("ann")) + answer(message("ann"), message("ann"))),
        ]
    )
    assert found == Responses(2, 3, 1, 2)


def test_other_events_and_a_request_without_an_answer_are_no_deliveries() -> None:
    arrived = '42["arrived",{"room":"room 1","name":"bob","seq":1}]'
    found = count_responses([chunk(1, "up", get("S1") * 2), chunk(1, "down", answer(arrived))])
    assert found == Responses(0, 0, 0, 0)
    assert math.isnan(found.share)
    assert math.isnan(found.share_to_others)
