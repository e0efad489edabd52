"""The connections of a probe: to the endpoint only, with the user's headers, every byte kept."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from time import perf_counter_ns

import msgspec

from lab.handshakes.link import RawConnection, dial, head_of
from lab.handshakes.request import Request
from lab.probe.response import Response, response_of
from lab.relay.capture import Chunk, ConnectionEvent
from lab.target.endpoint import Endpoint
from lab.target.problems import explained
from lab.target.tls import tls

MOST_BYTES = 1 << 20
"""No answer to a probe is longer; a server that sends more is cut off."""
SHORTEST_PATIENCE_S = 1.0
ROUND_TRIPS_OF_PATIENCE = 20
ENDLESS = f"an answer of more than {MOST_BYTES >> 20} MiB"
NO_ANSWER = "no answer"
HUNG_UP = "closed without an answer"
NOT_HTTP = "no HTTP/1.1"
UNFINISHED = "an answer without an end"


class Client:
    """Makes connections to one endpoint. `headers` have their secrets revealed.

    `patience_s`: how long an answer may take. It is the user's time-out until the endpoint has
    answered once, and then follows the time that a TCP handshake took.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        headers: Mapping[str, str] | None = None,
        timeout_s: float = 5.0,
        insecure: bool = False,
    ) -> None:
        self.endpoint = endpoint
        self.patience_s = timeout_s
        self.timeout_s = timeout_s
        self.dial_ns: int | None = None
        """How long the first connection took to open, TLS included."""
        self._headers = dict(headers or {})
        self._insecure = insecure
        self.tls = self.make_tls() if endpoint.target.secure else None
        """The TLS of its connections; None without TLS."""

    def make_tls(self) -> ssl.SSLContext:
        """TLS for a connection to the endpoint."""
        return tls(self._insecure)

    def hasten(self) -> None:
        """The endpoint answers: from now on wait as long as its distance makes sensible."""
        sensible_s = ROUND_TRIPS_OF_PATIENCE * (self.dial_ns or 0) / 1e9
        self.patience_s = min(self.timeout_s, max(SHORTEST_PATIENCE_S, sensible_s))

    def request(
        self, resource: str, headers: Mapping[str, str] | None = None, method: str = "GET"
    ) -> Request:
        """A request with the Host, the user's headers, and these."""
        host = {"Host": self.endpoint.target.authority}
        return Request(method, resource, host).having(self._headers).having(dict(headers or {}))

    @asynccontextmanager
    async def dial(self) -> AsyncIterator[RawConnection]:
        """Connect, and close in the end.

        Raises:
            TargetError: the endpoint can't be reached, or TLS fails.
        """
        target = self.endpoint.target
        async with AsyncExitStack() as stack:
            start_ns = perf_counter_ns()
            with explained(target, self.timeout_s):
                async with asyncio.timeout(self.timeout_s):
                    connection = await stack.enter_async_context(
                        dial(self.endpoint.address, target.port, self.tls, target.host)
                    )
            if self.dial_ns is None:
                self.dial_ns = perf_counter_ns() - start_ns
            connection.most_bytes = MOST_BYTES
            yield connection

    async def ask(self, request: Request) -> Response:
        """Send a request on a new connection; return the response, or why there is none."""
        async with self.dial() as connection:
            return await self.exchange(connection, request)

    async def exchange(self, connection: RawConnection, request: Request) -> Response:
        """Send a request on this connection; return the response, or why there is none."""
        connection.send(request.encode())
        message = await connection.response(self.patience_s)
        head = head_of(message)
        if head is not None:
            problem = "" if message.complete else UNFINISHED
            return response_of(head, connection.body(message), problem)
        return Response(problem=_problem(connection, message.broken), first_bytes=connection.unread)


def _problem(connection: RawConnection, broken: bool) -> str:
    """Why there is no response."""
    if connection.overflowed:
        return ENDLESS
    if broken:
        return NOT_HTTP
    if connection.unread:
        return UNFINISHED
    return HUNG_UP if connection.ended else NO_ANSWER


def captured(
    connections: Sequence[RawConnection],
) -> tuple[list[Chunk], list[ConnectionEvent]]:
    """What crossed some connections, numbered from 1, as the decoder reads it."""
    chunks: list[Chunk] = []
    events: list[ConnectionEvent] = []
    for number, connection in enumerate(connections, start=1):
        capture = connection.capture()
        chunks += [msgspec.structs.replace(each, connection=number) for each in capture.chunks]
        events += [msgspec.structs.replace(each, connection=number) for each in capture.events]
    chunks.sort(key=lambda chunk: chunk.at_ns)
    events.sort(key=lambda event: event.at_ns)
    return chunks, events
