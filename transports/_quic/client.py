"""The client: it connects by QUIC, asks for a session, and opens the session's stream."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from aioquic.h3.events import HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection
from aioquic.quic.events import ConnectionTerminated, QuicEvent

from lab.contract import ConnectionClosedError, ConnectOptions, netloc
from transports._quic.link import Link
from transports._quic.server import MOST_DATAGRAM
from transports._quic.session import Ended, Session
from transports._shared.serving import CLIENT_CLOSE_S

IDLE_S = 600.0
"""The client's own idle time-out. The shorter one of both sides counts, which is the server's."""
KEEP_ALIVE_S = 15.0
"""The client sends a PING each so many seconds, as Chromium does. A NAT may change the address of a
client that only listens, and a server learns of that by what comes from there (RFC 9000 section
9.3)."""
MOST_UNSENT = 1024 * 1024
"""Beyond so many unsent bytes, `send` waits."""
OK = b"200"


class ClientLink(Link):
    """A connection to a server.

    `admitted` is done when the server has accepted the session, `ended` when the session is over.
    """

    def __init__(self, quic: QuicConnection, authority: str, path: str, options: ConnectOptions):
        super().__init__(quic)
        self.admitted: asyncio.Future[Session] = self._loop.create_future()
        self.ended: asyncio.Future[Ended] = self._loop.create_future()
        self._arrived = asyncio.Event()
        self._moving: asyncio.Task[None] | None = None
        self._keeping: asyncio.TimerHandle | None = None
        self._authority = authority
        self.path = path
        self._options = options
        self.over.add_done_callback(self._shut)

    def _shut(self, _over: object) -> None:
        if self._moving is not None:
            self._moving.cancel()
        if self._keeping is not None:
            self._keeping.cancel()
        if self._transport is not None:
            self._transport.close()
        self.release()
        self._fail(ConnectionError("the connection was closed"))

    def quic_event_received(self, event: QuicEvent) -> None:
        super().quic_event_received(event)
        if isinstance(event, ConnectionTerminated):
            self._fail(ConnectionError(event.reason_phrase or f"QUIC error {event.error_code}"))
        elif self._is_negotiated and self.session is None and self.http.received_settings:
            self._ask()

    def _ask(self) -> None:
        """Ask for the session, once the server has said that it has WebTransport."""
        session_id = self.quic.get_next_available_stream_id()
        head = {
            ":method": "CONNECT",
            ":protocol": "webtransport",
            ":scheme": "https",
            ":authority": self._authority,
            ":path": self.path,
            **{name.lower(): value for name, value in self._options.headers.items()},
        }
        self.session = Session(self, session_id, self._session_ended)
        self.http.send_headers(
            session_id, [(name.encode(), value.encode()) for name, value in head.items()]
        )

    def headers_received(self, event: HeadersReceived) -> None:
        """Open the stream, if the server has accepted the session."""
        session = self.session
        if session is None or event.stream_id != session.id or self.admitted.done():
            return
        status = dict(event.headers)[b":status"]
        if status != OK:
            self._fail(ConnectionRefusedError(f"HTTP {status.decode()}"))
            return
        session.use(self.http.create_webtransport_stream(session.id))
        self.admitted.set_result(session)
        self._keep_alive()

    def _keep_alive(self) -> None:
        """Send a PING from time to time, for as long as the connection is open."""
        self._keeping = self._loop.call_later(KEEP_ALIVE_S, self._ping)

    def _ping(self) -> None:
        self.quic.send_ping(0)
        self.transmit_soon()
        self._keep_alive()

    def datagram_received(self, data: bytes | str, addr: object) -> None:
        super().datagram_received(data, addr)
        self._arrived.set()

    def error_received(self, error: Exception) -> None:
        """Take the kernel's word: nobody listens there, or this socket's address is gone."""
        if isinstance(error, ConnectionRefusedError):
            self._fail(error)
            self._break(str(error))
        elif self._moving is None or self._moving.done():
            self._moving = self._loop.create_task(self._move())

    async def _move(self) -> None:
        """Go on from the address that this machine has now (RFC 9000 section 9)."""
        assert self._transport is not None
        former, peer = self._transport, self._transport.get_extra_info("peername")
        # Without any address the next packet fails too, and tries again.
        with suppress(OSError):
            await self._loop.create_datagram_endpoint(lambda: self, remote_addr=peer)
            former.close()
            self.change_connection_id()  # section 9.5: an address has its own

    def _session_ended(self, how: Ended) -> None:
        self.ended.set_result(how)
        self._arrived.set()
        self._fail(how if isinstance(how, ConnectionError) else ConnectionRefusedError(str(how)))

    def _fail(self, error: Exception) -> None:
        if not self.admitted.done():
            self.admitted.set_exception(error)

    async def room_to_send(self, session: Session) -> None:
        """Wait while too much is unsent.

        Raises:
            ConnectionClosedError: the session has ended.
        """
        while session.is_open and session.unsent() > MOST_UNSENT:
            self._arrived.clear()
            await self._arrived.wait()
        if not session.is_open:
            raise ConnectionClosedError(str(self.ended.result()))

    async def leave(self) -> None:
        """Close the session, and wait a while for the server's answer."""
        if self.session is not None:
            self.session.close(0, "")
        await asyncio.wait([self.over], timeout=CLIENT_CLOSE_S)
        if not self.over.done():
            self.end()


async def connect(
    url: str, options: ConnectOptions, kind: type[ClientLink] = ClientLink
) -> ClientLink:
    """Open a connection with a session at this URL.

    `kind`: what the connection becomes.

    Raises:
        OSError: no server listens, its certificate is not trusted, or it refused the session.
        TimeoutError: no session within `options.timeout_s`.
        ValueError: the options have no TLS, without which there is no QUIC.
    """
    place = urlsplit(url)
    assert place.hostname is not None
    assert place.port is not None
    link: ClientLink | None = None
    try:
        async with asyncio.timeout(options.timeout_s):
            configuration = _configuration(place.hostname, options, kind.protocols)
            quic = QuicConnection(configuration=configuration)
            target = f"{place.path}?{place.query}" if place.query else place.path or "/"
            authority = netloc(place.hostname, place.port)
            transport, link = await asyncio.get_running_loop().create_datagram_endpoint(
                lambda: kind(quic, authority, target, options),
                remote_addr=(place.hostname, place.port),
            )
            link.connect(transport.get_extra_info("peername"))
            await asyncio.shield(link.admitted)
    except BaseException:
        if link is not None:
            link.admitted.cancel()
            link.end()
        raise
    return link


def _configuration(
    host: str, options: ConnectOptions, protocols: Sequence[str]
) -> QuicConfiguration:
    if options.tls is None:
        raise ValueError("there is no QUIC without TLS (RFC 9001): give `ConnectOptions.tls`")
    configuration = QuicConfiguration(
        is_client=True,
        alpn_protocols=list(protocols),
        server_name=host,
        idle_timeout=IDLE_S,
        max_datagram_frame_size=MOST_DATAGRAM,
    )
    configuration.load_verify_locations(cadata=_authority(options.tls.authority))
    return configuration


@functools.lru_cache(maxsize=16)
def _authority(file: str) -> bytes:
    """The certificate of an authority: to read its file for each connection would cost time."""
    return Path(file).read_bytes()
