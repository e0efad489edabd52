"""Flash's policy file: which requests get it, which hosts it admits, and what it costs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from xml.etree import ElementTree

import pytest

from lab.contract import ConnectOptions, ServeOptions
from lab.decode.decode import decode
from lab.ledger.ledger import ledger
from lab.load.tapped import Script, converse
from lab.service import ChatService
from tests.conformance.client import in_time
from tests.conformance.served import ServedTransport, nothing_uncaught, served
from transports.flashsocket import REQUEST, FlashSocket, ask_policy, policy
from transports.websocket import WebSocket

TRANSPORT = FlashSocket()


async def answer_to(s: ServedTransport, *sent: bytes) -> bytes:
    """All bytes of the server's answer to these pieces, each sent by itself, until it closes."""
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
    """The domains and ports that a policy file admits."""
    assert file.endswith(b"\0")
    policy = ElementTree.fromstring(file[:-1])
    assert policy.tag == "cross-domain-policy"
    return [(rule.get("domain"), rule.get("to-ports")) for rule in policy]


async def test_the_policy_admits_only_this_host_and_port() -> None:
    async with served(TRANSPORT) as s:
        file = await answer_to(s, REQUEST)
        assert allowed(file) == [("127.0.0.1", str(s.server.address.port))]
        assert await ask_policy("127.0.0.1", s.server.address.port) == file
        await s.empty()


async def test_the_policy_admits_the_hosts_of_allowed_origins() -> None:
    origins = ("https://chat.example", "http://other.example:8080", "null")
    async with served(TRANSPORT, origins=origins) as s:
        port = str(s.server.address.port)
        file = await answer_to(s, REQUEST)
        assert allowed(file) == [("chat.example", port), ("other.example", port)]


def test_a_host_is_quoted_in_the_policy() -> None:
    assert allowed(policy('"><&', 1, None)) == [('"><&', "1")]


async def test_a_request_for_the_policy_may_come_in_pieces() -> None:
    pieces = [REQUEST[n : n + 1] for n in range(len(REQUEST))]
    async with served(TRANSPORT) as s:
        assert allowed(await answer_to(s, *pieces))


PLAIN = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.mark.parametrize(
    "sent", [PLAIN, b"<html>\r\n\r\n", REQUEST[:-2] + b"!\r\n\r\n", b"\r\n\r\n"]
)
async def test_other_requests_are_answered_as_without_a_policy(sent: bytes) -> None:
    async with served(TRANSPORT) as s, served(WebSocket()) as other:
        answer = await answer_to(s, sent)
        assert answer.split(b"Date: ")[0] == (await answer_to(other, sent)).split(b"Date: ")[0]
        assert b"policy" not in answer
        assert answer.startswith(b"HTTP/1.1 426 ") == (sent is PLAIN)
        await s.empty()


async def test_a_handshake_may_come_in_pieces() -> None:
    async with served(TRANSPORT) as s:
        answer = await answer_to(s, *(PLAIN[n : n + 1] for n in range(len(PLAIN))))
        assert answer.startswith(b"HTTP/1.1 426 ")


async def test_half_a_request_is_dropped_when_the_server_stops() -> None:
    async with served(TRANSPORT) as s:
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
    """A server that sends this answer to any request and closes; None: that stays silent."""
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
        (b"<cross-domain-policy></cross-domain-policy>\0", "allows no site"),
    ],
    ids=["nothing", "HTTP", "too much", "no site"],
)
async def test_without_a_policy_there_is_no_socket(answer: bytes, why: str) -> None:
    async with another_server(answer) as url:
        with pytest.raises(ConnectionRefusedError, match=why):
            await in_time(TRANSPORT.connect(url, print, ConnectOptions()))


async def test_waiting_for_the_policy_has_a_timeout() -> None:
    async with another_server(None) as url:
        with pytest.raises(TimeoutError):
            await in_time(TRANSPORT.connect(url, print, ConnectOptions(timeout_s=0.2)))


async def test_the_step_costs_a_connection_and_two_round_trips() -> None:
    async with TRANSPORT.serve(ChatService(), ServeOptions()) as server:
        address = server.address
        capture = await converse(
            TRANSPORT, address.url, address.port, Script(texts=("hello",)), ConnectOptions()
        )
        file = policy(address.host, address.port, None)
    (entry,) = ledger(decode(capture.chunks, capture.events)).entries
    assert entry.connect is not None
    assert entry.connect.purposes == ("TCP", "policy", "TCP", "101")
    assert (entry.connect.tcp_connections, entry.connect.http_requests) == (2, 1)
    assert entry.connect.cost.up.framing == len(REQUEST)
    assert entry.connect.cost.down.framing == len(file)
    assert (entry.total.up.undecodable, entry.total.down.undecodable) == (0, 0)
    assert (entry.messages, entry.deliveries) == (1, 1)


def test_flashsocket_is_marked_unsafe() -> None:
    assert TRANSPORT.unsafe is not None
    assert "January 2021" in TRANSPORT.summary
