"""Plays one case against a server: makes its connections, and keeps what crosses them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import msgspec

from lab.decode.http1 import Message
from lab.decode.rfc6455 import PING
from lab.handshakes.link import RawConnection, dial, head_of
from lab.handshakes.request import Request
from lab.judge.site import Site
from lab.judge.verdict import Finding, failed
from lab.judge.websocket.build import frame
from lab.judge.websocket.expect import PROBE, Expectation, Seen
from lab.load.tapped import Capture
from lab.relay.capture import Traffic

STATUS_AT = len("HTTP/1.1 ")
"""Where a response has its status."""


class WrongError(Exception):
    """The server did something else than the case expects; the finding says what."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.got)
        self.finding = finding


@dataclass
class Player:
    """One case's connections to a server, in the order in which they were made."""

    site: Site
    connections: list[RawConnection] = field(default_factory=list)

    @asynccontextmanager
    async def dial(self) -> AsyncIterator[RawConnection]:
        """Connect. Raises OSError where no server listens."""
        site = self.site
        async with dial(site.host, site.port, site.ssl, site.server_name) as connection:
            self.connections.append(connection)
            yield connection

    @asynccontextmanager
    async def upgraded(self) -> AsyncIterator[RawConnection]:
        """Connect, and open a WebSocket.

        Raises:
            WrongError: the server does not accept the right handshake.
        """
        async with self.dial() as connection:
            await self.upgrade(connection, self.site.opening)
            yield connection

    async def upgrade(self, connection: RawConnection, opening: Request) -> Message:
        """Send an opening handshake that the server has to accept; return the response.

        Raises:
            WrongError: it does not.
        """
        connection.send(opening.encode())
        response = await connection.response(self.site.patience_s)
        head = head_of(response)
        if head is None or head.status_code != 101:
            raise WrongError(failed("101", status_words(response), STATUS_AT))
        return response

    async def find(
        self,
        connection: RawConnection,
        expect: Expectation,
        *,
        probe: bool = False,
        patience_s: float | None = None,
    ) -> Finding:
        """Wait until what arrives decides; `probe`: ask with a ping if nothing does for a while."""
        site, start = self.site, connection.position

        def look(over: bool = False) -> Finding | None:
            return expect.finding(Seen(connection.received, start, connection.ended, over))

        def decided() -> bool:
            return look() is not None

        if probe:
            await connection.until(decided, site.grace_s)
            if not (decided() or connection.ended):
                connection.send(frame(PING, PROBE))
        await connection.until(decided, site.patience_s if patience_s is None else patience_s)
        finding = look(over=True)
        assert finding is not None, f"{expect} is undecided though nothing more comes"
        return msgspec.structs.replace(finding, connection=self.number_of(connection))

    def number_of(self, connection: RawConnection) -> int:
        """The number of a connection in the conversation, which counts from 1."""
        return self.connections.index(connection) + 1

    def capture(self) -> Capture:
        """What crossed the connections, which count from 1."""
        chunks, events, counted = [], [], Traffic()
        for number, connection in enumerate(self.connections, 1):
            one = connection.capture()
            chunks += [msgspec.structs.replace(each, connection=number) for each in one.chunks]
            events += [msgspec.structs.replace(each, connection=number) for each in one.events]
            for chunk in one.chunks:
                counted.add(chunk.direction, len(chunk.data))
        return Capture(chunks, events, counted)


def status_words(response: Message) -> str:
    """The answer to a request, in words."""
    head = head_of(response)
    if head is not None:
        return f"{head.status_code} {bytes(head.reason).decode(errors='replace')}".strip()
    return "no HTTP" if response.broken else "no answer"
