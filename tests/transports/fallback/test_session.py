"""A fallback's session: its queue and the bound of it, its timeouts, and its end."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from lab.chat.events import Why
from tests.conformance.client import eventually, in_time
from transports._fallback.packets import CONNECT, DISCONNECT, NOOP
from transports._fallback.session import OutOfTurnError, Session, Timeouts

LONG = Timeouts(3600, 3600, (7200, 3600))
QUICK = Timeouts(0.01, 0.01, (1, 1))


class Ended(list[Why]):
    """The reasons why sessions ended, in order."""


def session(timeouts: Timeouts = LONG, bound_bytes: int = 100) -> tuple[Session, Ended]:
    ended = Ended()
    return Session(timeouts, NOOP, bound_bytes, ended.append), ended


@asynccontextmanager
async def connected() -> AsyncIterator[asyncio.Transport]:
    """A TCP connection."""
    ours, theirs = socket.socketpair()
    with theirs:
        loop = asyncio.get_running_loop()
        connection, _ = await loop.create_connection(asyncio.Protocol, sock=ours)
        try:
            yield connection
        finally:
            connection.abort()


@asynccontextmanager
async def clogged() -> AsyncIterator[asyncio.Transport]:
    """A connection whose peer does not read, with at least one byte that is not sent yet."""
    async with connected() as connection:
        while connection.get_write_buffer_size() == 0:
            connection.write(bytes(65536))
        yield connection


async def test_the_first_packet_is_the_connect_packet() -> None:
    one, _ = session()
    assert await one.take() == (CONNECT,)


async def test_waiting_packets_are_taken_together_and_once() -> None:
    one, _ = session()
    await one.take()
    taking = asyncio.ensure_future(one.take())
    await asyncio.sleep(0)
    assert not taking.done()
    one.put(b"3:::a")
    one.put(b"3:::b")
    assert await in_time(taking) == (b"3:::a", b"3:::b")


async def test_more_bytes_than_the_bound_cut_the_client_off() -> None:
    one, ended = session(bound_bytes=10)
    await one.take()
    one.put(b"x" * 10)
    assert ended == []
    one.put(b"x")
    assert ended == ["slow_consumer"]
    one.put(b"x")
    assert (one.over, ended) == (True, ["slow_consumer"])


async def test_bytes_that_the_socket_has_not_sent_count() -> None:
    async with clogged() as connection:
        unread = connection.get_write_buffer_size()
        one, ended = session(bound_bytes=unread + 10)
        await one.take()
        with one.reading(connection):
            one.put(b"x" * 10)
            assert ended == []
            one.put(b"x")
        assert ended == ["slow_consumer"]
        assert connection.is_closing()


@pytest.mark.parametrize("error", [ConnectionResetError, asyncio.CancelledError])
async def test_a_connection_that_breaks_with_packets_ends_the_session(
    error: type[BaseException],
) -> None:
    one, ended = session()
    with pytest.raises(error), one.reading(None):
        await one.take()
        raise error
    assert ended == ["lost"]


@pytest.mark.parametrize("error", [ConnectionResetError, asyncio.CancelledError])
async def test_a_connection_that_breaks_without_packets_loses_nothing(
    error: type[BaseException],
) -> None:
    one, ended = session()
    with one.reading(None):
        await one.take()
    with pytest.raises(error), one.reading(None):
        one.put(b"3:::a")
        raise error
    assert ended == []
    with one.reading(None):
        assert await one.take() == (b"3:::a",)


async def test_a_client_that_sends_no_other_get_is_lost() -> None:
    one, ended = session(QUICK)
    with pytest.raises(ConnectionResetError), one.reading(None):
        one.alive()
        raise ConnectionResetError
    await eventually(lambda: ended == ["lost"], "it was given up")


async def test_a_second_open_get_is_refused() -> None:
    one, ended = session()
    with one.reading(None), pytest.raises(OutOfTurnError), one.reading(None):
        pytest.fail("two at a time")
    with one.reading(None):
        assert ended == []


async def test_the_close_packet_is_the_last_packet() -> None:
    one, ended = session()
    one.put(b"3:::a")
    one.end("closed")
    one.put(b"3:::b")
    one.end("lost")
    one.cut("lost")
    assert await one.take() == (CONNECT, b"3:::a", DISCONNECT)
    assert await one.take() == ()
    assert ended == ["closed"]


async def test_a_close_packet_that_cannot_be_sent_does_not_wait_for_ever() -> None:
    async with clogged() as connection:
        one, ended = session()
        with one.reading(connection):
            one.end("closed")
            assert not connection.is_closing()
            await eventually(connection.is_closing, "the connection was cut")
        assert ended == ["closed"]


async def test_a_connection_with_requests_of_another_session_is_not_cut() -> None:
    async with connected() as connection:
        one, ended = session()
        with one.reading(connection):
            pass
        one.cut("lost")
        assert ended == ["lost"]
        assert not connection.is_closing()


async def test_a_client_that_sends_no_get_is_lost() -> None:
    one, ended = session(QUICK)
    await eventually(lambda: ended == ["lost"], "it was given up")
    assert one.over


async def test_a_client_that_does_not_answer_a_heartbeat_is_lost() -> None:
    one, ended = session(QUICK)
    assert await one.take() == (CONNECT,)
    one.alive()
    assert await in_time(one.take()) == (NOOP,)
    await eventually(lambda: ended == ["lost"], "it was given up")


async def test_a_client_that_answers_heartbeats_stays() -> None:
    one, ended = session(Timeouts(0.01, 3600, (1, 1)))
    await one.take()
    for _ in range(5):
        one.alive()
        assert await in_time(one.take()) == (NOOP,)
    assert ended == []
    one.end("closed")
