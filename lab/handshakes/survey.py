"""Sends every case to every server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

import msgspec

from lab.handshakes.answer import Answer
from lab.handshakes.cases import Case
from lab.handshakes.client import Exchange, ask
from lab.handshakes.link import dial, head_of
from lab.handshakes.request import Request
from lab.handshakes.servers import Listening, Subject

PATIENCE_S = 5.0
"""The time for a server to answer. Node's Engine.IO closes a stray upgrade after one second."""
SERVERS_AT_ONCE = 4
CASES_AT_ONCE = 6
LEFT_S = 1.0
"""The time for a server to forget a refused connection."""
POLL_S = 0.005

Progress = Callable[[str, int, int], None]
"""Called with a server's name, the number of finished handshakes, and their total."""


class Column(msgspec.Struct, frozen=True):
    """One server. `exchanges`: case name -> its exchange; cases that do not apply are absent.

    `websocket`: the server claims to answer opening handshakes.
    """

    name: str
    library: str
    websocket: bool
    exchanges: Mapping[str, Exchange]

    @property
    def answers(self) -> dict[str, Answer]:
        """Case name -> the answer to it."""
        return {name: exchange.answer for name, exchange in self.exchanges.items()}


async def survey(
    subjects: Sequence[Subject], cases: Sequence[Case], patience_s: float, progress: Progress
) -> list[Column]:
    """Send every case to every server, several servers at a time.

    Raises:
        OSError, TimeoutError: a server can't listen, or its own client can't connect.
    """
    room = asyncio.Semaphore(SERVERS_AT_ONCE)

    async def one(subject: Subject) -> Column:
        async with room:
            return await _column(subject, cases, patience_s, progress)

    return list(await asyncio.gather(*map(one, subjects)))


async def _column(
    subject: Subject, cases: Sequence[Case], patience_s: float, progress: Progress
) -> Column:
    async with subject.serve() as server:
        made = {case.name: case.make(server.opening) for case in cases}
        requests = {name: request for name, request in made.items() if request is not None}
        # Alone and before the others: the count would include their sessions.
        left = {
            name: await _left_behind(server, request, min(patience_s, LEFT_S))
            for name, request in requests.items()
        }
        room = asyncio.Semaphore(CASES_AT_ONCE)
        asking = {
            name: asyncio.ensure_future(_ask(room, server, request, patience_s))
            for name, request in requests.items()
        }
        for done, exchange in enumerate(asyncio.as_completed(asking.values()), 1):
            await exchange
            progress(subject.name, done, len(asking))
    exchanges = {name: _with_left(task.result(), left[name]) for name, task in asking.items()}
    return Column(subject.name, subject.library, subject.websocket, exchanges)


async def _ask(
    room: asyncio.Semaphore, server: Listening, request: Request, patience_s: float
) -> Exchange:
    async with room:
        return await ask(server.host, server.port, request, server.opening.request, patience_s)


def _with_left(exchange: Exchange, left: int | None) -> Exchange:
    """Return the exchange with the number of sessions that its refusal left behind."""
    answer = exchange.answer
    if not answer.refused:
        return exchange
    return msgspec.structs.replace(exchange, answer=msgspec.structs.replace(answer, left=left))


async def _left_behind(server: Listening, request: Request, patience_s: float) -> int | None:
    """Count the sessions that a server keeps after the client of `request` has gone.

    None where the server does not say. A 2xx answer opens a session on purpose: do not wait for it.
    """
    if server.sessions is None:
        return None
    before = server.sessions()
    async with dial(server.host, server.port) as connection:
        connection.send(request.encode())
        head = head_of(await connection.response(patience_s))
    if head is not None and 200 <= head.status_code < 300:
        return None
    deadline = asyncio.get_running_loop().time() + patience_s
    # No event reports the end of a session, so poll for it.
    while server.sessions() > before and asyncio.get_running_loop().time() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(POLL_S)
    return max(0, server.sessions() - before)
