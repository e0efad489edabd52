"""A fallback's session: what waits, how much may, how long it may be silent, how it ends."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from lab.chat.events import Why
from tests.conformance.guest import eventually, in_time
from transports._fallback_packets import CONNECT, DISCONNECT, NOOP
from transports._fallback_session import OutOfTurnError, Patience, Session

LONG = Patience(3600, 3600, (7200, 3600))
QUICK = Patience(0.01, 0.01, (1, 1))


class Ended(list[Why]):
    """Why sessions ended, in their order."""


def session(patience: Patience = LONG, bound_bytes: int = 100) -> tuple[Session, Ended]:
    ended = Ended()
    return Session(patience, NOOP, bound_bytes, ended.append), ended


@asynccontextmanager
async def connected() -> AsyncIterator[asyncio.Transport]:
    """A line."""
    ours, theirs = socket.socketpair()
    with theirs:
        loop = asyncio.get_running_loop()
        line, _ = await loop.create_connection(asyncio.Protocol, sock=ours)
        try:
            yield line
        finally:
            line.abort()


@asynccontextmanager
async def clogged() -> AsyncIterator[asyncio.Transport]:
    """A line whose other end does not read, with a byte that its socket has not taken."""
    async with connected() as line:
        while line.get_write_buffer_size() == 0:
            line.write(bytes(65536))
        yield line


async def test_the_first_thing_down_is_the_connect_packet() -> None:
    one, _ = session()
    assert await one.take() == (CONNECT,)


async def test_what_is_put_is_taken_together_and_once() -> None:
    one, _ = session()
    await one.take()
    taking = asyncio.ensure_future(one.take())
    await asyncio.sleep(0)
    assert not taking.done()
    one.put(b"3:::a")
    one.put(b"3:::b")
    assert await in_time(taking) == (b"3:::a", b"3:::b")


async def test_past_the_bound_it_is_too_slow() -> None:
    one, ended = session(bound_bytes=10)
    await one.take()
    one.put(b"x" * 10)
    assert ended == []
    one.put(b"x")
    assert ended == ["slow_consumer"]
    one.put(b"x")
    assert (one.over, ended) == (True, ["slow_consumer"])


async def test_what_the_socket_has_not_taken_counts() -> None:
    async with clogged() as line:
        unread = line.get_write_buffer_size()
        one, ended = session(bound_bytes=unread + 10)
        await one.take()
        with one.reading(line):
            one.put(b"x" * 10)
            assert ended == []
            one.put(b"x")
        assert ended == ["slow_consumer"]
        assert line.is_closing()


@pytest.mark.parametrize("error", [ConnectionResetError, asyncio.CancelledError])
async def test_a_line_that_breaks_with_packets_ends_it(error: type[BaseException]) -> None:
    one, ended = session()
    with pytest.raises(error), one.reading(None):
        await one.take()
        raise error
    assert ended == ["lost"]


@pytest.mark.parametrize("error", [ConnectionResetError, asyncio.CancelledError])
async def test_a_line_that_breaks_without_any_loses_nothing(error: type[BaseException]) -> None:
    one, ended = session()
    with one.reading(None):
        await one.take()
    with pytest.raises(error), one.reading(None):
        one.put(b"3:::a")
        raise error
    assert ended == []
    with one.reading(None):
        assert await one.take() == (b"3:::a",)


async def test_who_does_not_come_again_is_lost() -> None:
    one, ended = session(QUICK)
    with pytest.raises(ConnectionResetError), one.reading(None):
        one.alive()
        raise ConnectionResetError
    await eventually(lambda: ended == ["lost"], "it was given up")


async def test_one_get_at_a_time() -> None:
    one, ended = session()
    with one.reading(None), pytest.raises(OutOfTurnError), one.reading(None):
        pytest.fail("two at a time")
    with one.reading(None):
        assert ended == []


async def test_a_goodbye_comes_after_all_that_waits_and_nothing_comes_after_it() -> None:
    one, ended = session()
    one.put(b"3:::a")
    one.end("closed")
    one.put(b"3:::b")
    one.end("lost")
    one.cut("lost")
    assert await one.take() == (CONNECT, b"3:::a", DISCONNECT)
    assert await one.take() == ()
    assert ended == ["closed"]


async def test_a_goodbye_that_cannot_leave_is_not_waited_for_for_ever() -> None:
    async with clogged() as line:
        one, ended = session()
        with one.reading(line):
            one.end("closed")
            assert not line.is_closing()
            await eventually(line.is_closing, "the line was cut")
        assert ended == ["closed"]


async def test_a_line_that_is_somebody_elses_by_now_is_not_cut() -> None:
    async with connected() as line:
        one, ended = session()
        with one.reading(line):
            pass
        one.cut("lost")
        assert ended == ["lost"]
        assert not line.is_closing()


async def test_who_never_comes_is_lost() -> None:
    one, ended = session(QUICK)
    await eventually(lambda: ended == ["lost"], "it was given up")
    assert one.over


async def test_who_is_there_is_asked_and_who_does_not_answer_is_lost() -> None:
    one, ended = session(QUICK)
    assert await one.take() == (CONNECT,)
    one.alive()
    assert await in_time(one.take()) == (NOOP,)
    await eventually(lambda: ended == ["lost"], "it was given up")


async def test_who_answers_stays() -> None:
    one, ended = session(Patience(0.01, 3600, (1, 1)))
    await one.take()
    for _ in range(5):
        one.alive()
        assert await in_time(one.take()) == (NOOP,)
    assert ended == []
    one.end("closed")
