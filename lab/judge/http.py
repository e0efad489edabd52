"""HTTP requests of a case, and what their answers have to be."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import NamedTuple

from lab.handshakes.link import RawConnection, head_of
from lab.handshakes.request import Request
from lab.judge.player import STATUS_AT, Player, WrongError, status_words
from lab.judge.verdict import Finding, failed, first_difference, not_strict

SHOWN = 60


class Answer(NamedTuple):
    """A response. `at` is where it begins in the server's bytes, `body_at` where its body does."""

    status: int
    words: str
    body: bytes
    at: int
    body_at: int
    connection: int

    def must_be(self, *statuses: int) -> Answer:
        """Raise WrongError unless the status is one of these."""
        if self.status not in statuses:
            expected = " or ".join(map(str, statuses))
            raise WrongError(self._blame(expected, self.words, self.at + STATUS_AT))
        return self

    def must_refuse(self) -> Answer:
        """Raise WrongError unless the status is 4xx; 5xx is only not strict."""
        if not 400 <= self.status < 500:
            finding = not_strict if self.status >= 500 else failed
            raise WrongError(finding("4xx", self.words, self.at + STATUS_AT, self.connection))
        return self

    def must_hold(self, body: bytes) -> Answer:
        """Raise WrongError unless the body is this one."""
        if self.must_be(200).body != body:
            at = self.body_at + first_difference(self.body, body)
            raise WrongError(self._blame(shown(body), shown(self.body), at))
        return self

    def wrong(self, expected: str, at: int = 0) -> WrongError:
        """The error that the body is wrong from byte `at` on."""
        return WrongError(self._blame(expected, shown(self.body), self.body_at + at))

    def _blame(self, expected: str, got: str, at: int) -> Finding:
        return failed(expected, got, at, self.connection)


class Http:
    """Requests one after the other, on one connection as long as the server keeps it."""

    def __init__(self, player: Player, stack: AsyncExitStack) -> None:
        self._player = player
        self._stack = stack
        self._connection: RawConnection | None = None
        self._last = False
        """The server closes the connection after the response (RFC 9112 section 9.6)."""

    async def ask(self, request: Request) -> Answer:
        """Send a request and await its answer."""
        await self.send(request)
        return await self.answer()

    async def send(self, request: Request) -> None:
        """Send a request."""
        if self._connection is None or self._connection.ended or self._last:
            self._last = False
            self._connection = await self._stack.enter_async_context(self._player.dial())
        self._connection.send(request.encode())

    async def answer(self, expected: str = "an answer", patience_s: float | None = None) -> Answer:
        """Await the answer to the request that was sent; `expected` says what it should be.

        Raises:
            WrongError: there is none.
        """
        connection = self._connection
        assert connection is not None, "no request was sent"
        number = self._player.number_of(connection)
        site = self._player.site
        response = await connection.response(site.patience_s if patience_s is None else patience_s)
        head = head_of(response)
        if head is None or not response.complete:
            got = status_words(response) if head is None else "half an answer"
            raise WrongError(failed(expected, got, len(connection.received), number))
        self._last = any(
            (name, bytes(value).lower()) == (b"connection", b"close")
            for name, value in head.headers
        )
        body_at = response.spans[0][0] if response.spans else response.body
        return Answer(
            head.status_code,
            status_words(response),
            connection.body(response),
            response.start,
            body_at,
            number,
        )


@asynccontextmanager
async def http(player: Player) -> AsyncIterator[Http]:
    """Requests, and the end of their connections."""
    async with AsyncExitStack() as stack:
        yield Http(player, stack)


def shown(data: bytes) -> str:
    """The beginning of a body, readable."""
    return repr(data[:SHOWN])[1:] + ("…" if len(data) > SHOWN else "")
