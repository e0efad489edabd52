"""Flash's policy file: who gets it, who is let in, and what asking for it costs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from xml.etree import ElementTree

import pytest

from lab.contract import ConnectOptions, ServeOptions
from lab.load.tapped import Script, converse
from lab.service import ChatService
from lab.wire.decode import decode
from lab.wire.ledger import ledger
from tests.conformance.guest import in_time
from tests.conformance.stage import Stage, nothing_uncaught, stage
from transports.flashsocket import REQUEST, FlashSocket, ask_policy, policy
from transports.websocket import WebSocket

WIRE = FlashSocket()


async def answer_to(s: Stage, *sent: bytes) -> bytes:
    """All that the server says to these bytes, each sent by itself, until it closes."""
    reader, writer = await asyncio.open_connection(s.server.address.host, s.server.address.port)
    try:
        for data in sent:
            writer.write(data)
            await writer.drain()
            await asyncio.sleep(0)
        return bytes(await in_time(reader.read()))
    finally:
        writer.close()
        await writer.wait_closed()


def allowed(file: bytes) -> list[tuple[str | None, str | None]]:
    """Whom a policy file lets in: domains and ports."""
    assert file.endswith(b"\0")
    policy = ElementTree.fromstring(file[:-1])
    assert policy.tag == "cross-domain-policy"
    return [(rule.get("domain"), rule.get("to-ports")) for rule in policy]


async def test_the_policy_lets_in_the_host_itself_at_this_port_alone() -> None:
    async with stage(WIRE) as s:
        file = await answer_to(s, REQUEST)
        assert allowed(file) == [("127.0.0.1", str(s.server.address.port))]
        assert await ask_policy("127.0.0.1", s.server.address.port) == file
        await s.empty()


async def test_the_policy_lets_in_the_hosts_of_the_origins_that_are_allowed() -> None:
    origins = ("https://chat.example", "http://other.example:8080", "null")
    async with stage(WIRE, origins=origins) as s:
        port = str(s.server.address.port)
        file = await answer_to(s, REQUEST)
        assert allowed(file) == [("chat.example", port), ("other.example", port)]


def test_a_host_is_quoted_in_the_policy() -> None:
    assert allowed(policy('"><&', 1, None)) == [('"><&', "1")]


async def test_a_request_for_the_policy_may_come_in_pieces() -> None:
    pieces = [REQUEST[n : n + 1] for n in range(len(REQUEST))]
    async with stage(WIRE) as s:
        assert allowed(await answer_to(s, *pieces))


PLAIN = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"


@pytest.mark.parametrize(
    "sent", [PLAIN, b"<html>\r\n\r\n", REQUEST[:-2] + b"!\r\n\r\n", b"\r\n\r\n"]
)
async def test_all_else_is_answered_as_where_there_is_no_policy(sent: bytes) -> None:
    async with stage(WIRE) as s, stage(WebSocket()) as other:
        answer = await answer_to(s, sent)
        assert answer.split(b"Date: ")[0] == (await answer_to(other, sent)).split(b"Date: ")[0]
        assert b"policy" not in answer
        assert answer.startswith(b"HTTP/1.1 426 ") == (sent is PLAIN)
        await s.empty()


async def test_a_handshake_may_come_in_pieces() -> None:
    async with stage(WIRE) as s:
        answer = await answer_to(s, *(PLAIN[n : n + 1] for n in range(len(PLAIN))))
        assert answer.startswith(b"HTTP/1.1 426 ")


async def test_half_a_request_is_dropped_when_the_server_stops() -> None:
    async with stage(WIRE) as s:
        reader, writer = await asyncio.open_connection("127.0.0.1", s.server.address.port)
        writer.write(REQUEST[:5])
        await (await s.connect()).joined("den", "ann")
        await s.holds(1)
        await s.shut()
        await in_time(reader.read())
        writer.close()
        await writer.wait_closed()


Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def another_server(answer: bytes | None) -> AsyncIterator[str]:
    """A server that says this to whatever it is asked, and closes; None: that says nothing."""
    over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        if answer is None:
            await over.wait()
        writer.write(answer or b"")
        writer.close()

    with nothing_uncaught():
        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
            over.set()


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"", "has no policy file"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "has no policy file"),
        (b"x" * 100_000, "has no policy file"),
        (b"<cross-domain-policy></cross-domain-policy>\0", "allows nobody"),
    ],
    ids=["nothing", "HTTP", "too much", "nobody"],
)
async def test_without_a_policy_there_is_no_socket(answer: bytes, why: str) -> None:
    async with another_server(answer) as url:
        with pytest.raises(ConnectionRefusedError, match=why):
            await in_time(WIRE.connect(url, print, ConnectOptions()))


async def test_the_policy_is_not_waited_for_longer_than_asked() -> None:
    async with another_server(None) as url:
        with pytest.raises(TimeoutError):
            await in_time(WIRE.connect(url, print, ConnectOptions(timeout_s=0.2)))


async def test_the_step_costs_a_connection_and_two_round_trips() -> None:
    async with WIRE.serve(ChatService(), ServeOptions()) as server:
        address = server.address
        tape = await converse(
            WIRE, address.url, address.port, Script(texts=("hello",)), ConnectOptions()
        )
        file = policy(address.host, address.port, None)
    (entry,) = ledger(decode(tape.chunks, tape.events)).entries
    assert entry.connect is not None
    assert entry.connect.purposes == ("TCP", "policy", "TCP", "101")
    assert (entry.connect.tcp_connections, entry.connect.http_requests) == (2, 1)
    assert entry.connect.cost.up.framing == len(REQUEST)
    assert entry.connect.cost.down.framing == len(file)
    assert (entry.total.up.undecodable, entry.total.down.undecodable) == (0, 0)
    assert (entry.messages, entry.deliveries) == (1, 1)


def test_it_runs_only_where_it_is_named() -> None:
    assert WIRE.unsafe is not None
    assert "January 2021" in WIRE.summary
