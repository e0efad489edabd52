"""The server: it listens on UDP, admits CONNECT requests, and gives each session to its host."""

from __future__ import annotations

import asyncio
import itertools
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from aioquic.asyncio.server import QuicServer
from aioquic.h3.events import HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection
from aioquic.quic.events import PingAcknowledged, QuicEvent

from lab.contract import Heartbeat, ServeOptions
from transports._quic.flow import WINDOW_BYTES
from transports._quic.link import Link
from transports._quic.session import Session
from transports._shared.origin import Admission, Refusal
from transports._shared.serving import CLOSE_TIMEOUT_S

GOING_AWAY = 1001
"""The code of a session that ends because the server shuts down, as in RFC 6455 section 7.4.1."""
MOST_DATAGRAM = 65536
"""The largest datagram in a session. WebTransport requires them; this server drops them."""
RECEIVED_BYTES = 4 * 1024 * 1024
"""What the kernel may hold for the socket. All clients share it; it may give less."""
BEAT_PARTS = 4
"""The wait for the answer to a PING has so many parts. A pause of this process costs one of them:
then there is time to read what has arrived meanwhile."""
NOT_FOUND = Refusal(HTTPStatus.NOT_FOUND, "there is nothing here but WebTransport at its path\n")
ONE_SESSION = Refusal(HTTPStatus.TOO_MANY_REQUESTS, "a connection has one session here\n")
PROTOCOLS = (b"webtransport", b"webtransport-h3")
"""The `:protocol` of a session: in the drafts that browsers speak, and in later ones."""


class Rules:
    """What the connections of one server have in common."""

    def __init__(
        self,
        options: ServeOptions,
        path: str,
        make: Callable[[ServerLink], Session],
        *,
        beats: bool,
    ) -> None:
        self.admission = Admission(options)
        self.path = path
        self.make = make
        self.request_timeout_s = options.request_timeout_s
        self.heartbeat = options.heartbeat if beats and options.settings == "equal" else None
        self.links: set[ServerLink] = set()


class ServerLink(Link):
    """A connection that a client has opened."""

    def __init__(self, rules: Rules, quic: QuicConnection, stream_handler: None = None) -> None:
        super().__init__(quic, stream_handler)
        self.query = ""
        self.session_id = 0
        self._rules = rules
        self._beating: asyncio.Task[None] | None = None
        self._answer = asyncio.Event()
        self._closing = self._loop.call_later(rules.request_timeout_s, self.end)
        rules.links.add(self)
        self.over.add_done_callback(lambda _: self._forget())

    def _forget(self) -> None:
        self._rules.links.discard(self)
        if self._beating is not None:
            self._beating.cancel()

    def headers_received(self, event: HeadersReceived) -> None:
        """Admit a session, or answer a request with the reason why not."""
        found: dict[str, list[str]] = {}
        for name, value in event.headers:
            found.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1"))
        refusal = self._refusal(found)
        if refusal is not None:
            self._refuse(event.stream_id, refusal)
            return
        self.query = urlsplit(found[":path"][0]).query
        self.http.send_headers(event.stream_id, [(b":status", b"200")])
        self.admit(event.stream_id)

    def admit(self, session_id: int) -> Session:
        """Make the session of this connection, which may stay open now."""
        if self._closing is not None:
            self._closing.cancel()
            self._closing = None
        self.session_id = session_id
        self.session = self._rules.make(self)
        if self._rules.heartbeat is not None:
            self._beating = self._loop.create_task(self._beat(self._rules.heartbeat))
        return self.session

    def _refusal(self, found: dict[str, list[str]]) -> Refusal | None:
        if found.get(":protocol", [""])[0].encode("latin-1") not in PROTOCOLS:
            return NOT_FOUND
        path = found.get(":path", [""])[0]
        if urlsplit(path).path != self._rules.path:
            return NOT_FOUND
        if self.session is not None:
            return ONE_SESSION
        # RFC 9114 section 4.3.1: `:authority` is what `Host` is in HTTP/1.1.
        hosts = dict.fromkeys([*found.get(":authority", []), *found.get("host", [])])
        values = {**found, "host": list(hosts)}
        return self._rules.admission.refusal_of(lambda name: values.get(name, ()), path)

    def _refuse(self, stream_id: int, refusal: Refusal) -> None:
        status = str(refusal.status.value).encode()
        self.http.send_headers(stream_id, [(b":status", status)])
        self.http.send_data(stream_id, refusal.reason.encode(), end_stream=True)
        self.count_refused()

    async def _beat(self, heartbeat: Heartbeat) -> None:
        for number in itertools.count():
            await asyncio.sleep(heartbeat.interval_s)
            self._answer.clear()
            self.quic.send_ping(number)
            self.transmit()
            for _ in range(BEAT_PARTS):
                with suppress(TimeoutError):
                    async with asyncio.timeout(heartbeat.timeout_s / BEAT_PARTS):
                        await self._answer.wait()
            if not self._answer.is_set():
                break
        self.end(reason="no answer to a PING")

    def quic_event_received(self, event: QuicEvent) -> None:
        """Take an event of the library, which calls this."""
        if isinstance(event, PingAcknowledged):
            self._answer.set()
        super().quic_event_received(event)

    def go_away(self) -> None:
        """Close the session, or the connection if there is none."""
        if self.session is not None and self.session.is_open:
            self.session.close(GOING_AWAY, "server shuts down")
        elif self.session is None:
            self.end()


@asynccontextmanager
async def listening(
    options: ServeOptions,
    path: str,
    make: Callable[[ServerLink], Session],
    *,
    beats: bool = True,
    sock: socket.socket | None = None,
    kind: type[ServerLink] = ServerLink,
) -> AsyncIterator[int]:
    """Accept sessions at this path until the context is left. Yields the port.

    `make` makes the session of a link, with its callbacks. `beats`: the heartbeat is a PING of
    QUIC. Without it the protocol inside the session must have one. `sock`: listen on this.
    `kind`: what each connection becomes.

    Raises:
        OSError: the server can't listen on the address, or a file of its TLS can't be read.
        ValueError: the options have no TLS, without which there is no QUIC.
    """
    rules = Rules(options, path, make, beats=beats)
    configuration = _configuration(options, kind.protocols)
    sock = sock or await bound_udp(options.host, options.port)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: QuicServer(configuration=configuration, create_protocol=partial(kind, rules)),
        sock=sock,
    )
    try:
        yield sock.getsockname()[1]
    finally:
        await _stop(rules, transport)


async def _stop(rules: Rules, transport: asyncio.DatagramTransport) -> None:
    links = list(rules.links)
    for link in links:
        link.go_away()
    if waiting := [link.over for link in links if not link.over.done()]:
        await asyncio.wait(waiting, timeout=CLOSE_TIMEOUT_S)
    for link in links:
        if not link.over.done():
            link.end()
    transport.close()
    for link in links:
        link.release()


def _configuration(options: ServeOptions, protocols: Sequence[str]) -> QuicConfiguration:
    if options.tls is None:
        raise ValueError("there is no QUIC without TLS (RFC 9001): give `ServeOptions.tls`")
    configuration = QuicConfiguration(
        is_client=False,
        alpn_protocols=list(protocols),
        max_stream_data=WINDOW_BYTES,
        max_datagram_frame_size=MOST_DATAGRAM,
    )
    if options.settings == "equal":
        heartbeat = options.heartbeat
        configuration.idle_timeout = heartbeat.interval_s + heartbeat.timeout_s
    configuration.load_cert_chain(Path(options.tls.certificate), Path(options.tls.key))
    return configuration


async def bound_udp(host: str, port: int) -> socket.socket:
    """A socket for datagrams on this address. `port` 0: any free port."""
    addresses = await asyncio.get_running_loop().getaddrinfo(
        host, port, type=socket.SOCK_DGRAM, flags=socket.AI_PASSIVE
    )
    family, kind, protocol, _name, address = addresses[0]
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVED_BYTES)
        sock.bind(address)
    except OSError:
        sock.close()
        raise
    return sock
