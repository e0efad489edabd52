"""Every case to every server: the order, the progress, and the sessions left behind."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from lab.handshakes.cases import CASES
from lab.handshakes.opening import Opening
from lab.handshakes.request import handshake
from lab.handshakes.servers import Listening, Subject
from lab.handshakes.survey import survey
from tests.conformance.client import PATIENCE_S
from tests.handshakes.scripted import CLOSE, scripted
from tests.handshakes.test_asking import REFUSAL

POST, NO_KEY, NO_EIO = CASES["post"], CASES["no-key"], CASES["no-eio"]
SOON_S = 0.2
"""The time limit for a server to forget a session."""


def refusing(name: str, sessions: Callable[[], int] | None = None) -> Subject:
    """A server that refuses everything, and reports the given session counts."""

    @asynccontextmanager
    async def serve() -> AsyncIterator[Listening]:
        async with scripted([(REFUSAL, CLOSE)]) as port:
            opening = Opening(handshake(f"ws://127.0.0.1:{port}/"))
            yield Listening("127.0.0.1", port, opening, sessions)

    return Subject(name, f"{name} 1.0", True, serve)


def unseen(_server: str, _done: int, _total: int) -> None:
    """Report no progress."""


async def test_every_case_that_applies_is_sent_to_every_server() -> None:
    servers = [refusing(f"server {number}") for number in range(9)]
    columns = await survey(servers, [POST, NO_EIO, NO_KEY], PATIENCE_S, unseen)
    assert [column.name for column in columns] == [server.name for server in servers]
    for column in columns:
        assert [*column.answers] == ["post", "no-key"], "the server does not speak Engine.IO"
        assert {answer.kind for answer in column.answers.values()} == {"400 closed"}


async def test_progress_is_reported_to_the_end() -> None:
    told: list[tuple[str, int, int]] = []
    await survey([refusing("one")], [POST, NO_KEY], PATIENCE_S, lambda *at: told.append(at))
    assert told == [("one", 1, 2), ("one", 2, 2)]


async def test_a_session_that_stays_is_counted_as_left() -> None:
    counts = iter(range(1000))
    (column,) = await survey([refusing("one", lambda: next(counts))], [POST], SOON_S, unseen)
    left = column.answers["post"].left
    assert left is not None
    assert left > 0


async def test_a_session_that_ends_is_not_counted() -> None:
    counts = iter([3, 4, 4, 3, 3])
    subject = refusing("one", lambda: next(counts))
    (column,) = await survey([subject], [POST], PATIENCE_S, unseen)
    assert column.answers["post"].left == 0


async def test_a_server_without_a_session_count_leaves_none() -> None:
    (column,) = await survey([refusing("one")], [POST], PATIENCE_S, unseen)
    assert column.answers["post"].left is None


async def test_a_missing_server_is_an_error() -> None:
    @asynccontextmanager
    async def nobody() -> AsyncIterator[Listening]:
        with socket.socket() as bound:
            bound.bind(("127.0.0.1", 0))
            port = bound.getsockname()[1]
            yield Listening("127.0.0.1", port, Opening(handshake(f"ws://127.0.0.1:{port}/")))

    with pytest.raises(OSError):
        await survey([Subject("none", "none 1.0", True, nobody)], [POST], SOON_S, unseen)
