"""The room on a bare stream of QUIC: `webtransport` without HTTP/3, and without a session in it.

Only a claim compares with it, so it is no transport of the registry. To serve it:

    python -m lab.claims._support.bare_quic serve quic
"""

from __future__ import annotations

import runpy
from abc import abstractmethod

from aioquic.quic.events import (
    ConnectionTerminated,
    HandshakeCompleted,
    QuicEvent,
    StreamDataReceived,
)

from transports import registry
from transports._quic.capsules import Close
from transports._quic.client import ClientLink
from transports._quic.link import Link
from transports._quic.server import ServerLink
from transports._quic.session import Session
from transports.webtransport import WebTransport

STREAM = 0
"""The first stream that a client opens in both directions (RFC 9000 section 2.1)."""


class _Bare(Link):
    """A connection that is one session, on its first stream."""

    protocols = ("lab",)

    @abstractmethod
    def begin(self) -> Session:
        """Make the session. The handshake is complete."""

    def quic_event_received(self, event: QuicEvent) -> None:
        """Take an event of the library, which calls this."""
        if isinstance(event, HandshakeCompleted):
            self.begin().use(STREAM)
        elif isinstance(event, StreamDataReceived):
            self._data(event.data, event.end_stream)
        elif isinstance(event, ConnectionTerminated):
            self._terminated(event)

    def send_close(self, session_id: int, close: Close) -> None:
        """Send nothing: `close_soon` says it."""

    def close_soon(self) -> None:
        """Close the connection, which has nothing else in it."""
        self.transmit()
        self.end()


class BareServerLink(ServerLink, _Bare):
    """The server's side."""

    def begin(self) -> Session:
        """See `_Bare`."""
        return self.admit(STREAM)


class BareClientLink(ClientLink, _Bare):
    """The client's side."""

    def begin(self) -> Session:
        """See `_Bare`."""
        self.session = Session(self, STREAM, self._session_ended)
        self.admitted.set_result(self.session)
        return self.session


class BareQuic(WebTransport):
    """The messages of `webtransport`, on the same library."""

    name = "quic"
    summary = "a bare stream of QUIC, on aioquic"
    server_link, client_link = BareServerLink, BareClientLink


def main() -> None:
    """Run the command `lab`, which then has this transport, too."""
    registry.TRANSPORTS[BareQuic.name] = f"{BareQuic.__module__}:{BareQuic.__name__}"
    runpy.run_module("lab.cli", run_name="__main__")


if __name__ == "__main__":
    main()
