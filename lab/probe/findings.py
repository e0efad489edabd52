"""What a probe found, as values that JSON can hold."""

from __future__ import annotations

__pure__ = True

import msgspec

from lab.ledger.shares import LabelledBytes
from lab.probe.response import Fields


class NativeWebSocket(msgspec.Struct, frozen=True, kw_only=True):
    """What answers RFC 6455's opening handshake at the URL itself.

    `answer`: its status, or why there is none. `accept_valid`: `Sec-WebSocket-Accept` is right.
    `unasked`: what the server sends without being asked, one line each. `pong_ns` None: a ping got
    no answer. `pings`: how many the server sent while the probe listened. `subprotocol`: what it
    chose of `subprotocols_offered`; `takes_any_subprotocol`: even one that does not exist.
    `closed`: code and reason, where it closed by itself.
    """

    resource: str
    answer: str
    opened: bool = False
    accept_valid: bool = True
    extensions: tuple[str, ...] = ()
    subprotocol: str | None = None
    takes_any_subprotocol: bool = False
    subprotocols_offered: tuple[str, ...] = ()
    unasked: tuple[str, ...] = ()
    pong_ns: int | None = None
    pings: int = 0
    closed: tuple[int, str] | None = None


class Namespace(msgspec.Struct, frozen=True):
    """A namespace of Socket.IO. `admitted` None: the server did not answer."""

    name: str
    admitted: bool | None
    reason: str = ""


class SocketIo(msgspec.Struct, frozen=True, kw_only=True):
    """What answers below the path of Socket.IO.

    `versions`: of Engine.IO's protocol. `transports`: those that opened a session; `upgrades`:
    those that the server offers besides. Times in ms, `max_payload` in bytes, as the open packet
    has them. `namespaces` is empty where nothing reads packets in JSON. `sticky`: whether the
    session was found from a new connection without the cookies of the first ("any"), only with them
    ("cookie"), not even then ("connection"), None where it was not found out.
    """

    path: str
    versions: tuple[int, ...] = ()
    transports: tuple[str, ...] = ()
    upgrades: tuple[str, ...] = ()
    ping_interval_ms: float | None = None
    ping_timeout_ms: float | None = None
    max_payload: int | None = None
    namespaces: tuple[Namespace, ...] = ()
    unasked: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    sticky: str | None = None
    cookies: tuple[str, ...] = ()


class EarlySocketIo(msgspec.Struct, frozen=True):
    """Socket.IO before Engine.IO (0.7 to 0.9): seconds, and the transports that it names."""

    heartbeat_s: float | None
    close_s: float | None
    transports: tuple[str, ...]


class TransportCost(msgspec.Struct, frozen=True, kw_only=True):
    """What it takes until the first message of an application can be sent on a transport.

    `connect_ns`: the median of some handshakes, TCP and TLS included. `round_trips` are the
    ledger's, each with what it was for; TLS's own are in `tls_round_trips`. The bytes are those
    inside TLS.
    """

    name: str
    connect_ns: int
    round_trips: int | None = None
    purposes: tuple[str, ...] = ()
    tls_round_trips: int = 0
    tcp_connections: int = 1
    http_requests: int = 0
    up: LabelledBytes = LabelledBytes()
    down: LabelledBytes = LabelledBytes()


class Tls(msgspec.Struct, frozen=True, kw_only=True):
    """The TLS of the endpoint. `alpn`: what it chooses of h2 and http/1.1."""

    version: str
    cipher: str
    alpn: str | None
    subject: str
    expires: str


class Browser(msgspec.Struct, frozen=True, kw_only=True):
    """What a page of another site meets. Each value is a status, or why there is none.

    `allow_origin`, `allow_credentials`: what the server allows a foreign Origin to read.
    `preflight`: the answer to OPTIONS. `websocket`, `polling`: the answer to a handshake with a
    foreign Origin; `host`: to one with a foreign Host. None: not asked.
    """

    allow_origin: str | None = None
    allow_credentials: bool = False
    preflight: str | None = None
    websocket: str | None = None
    polling: str | None = None
    host: str | None = None


class Findings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a probe found. `page`: the status of a plain GET of the URL.

    `failed`: the handshakes that did not come to their end, by name, with the reasons.
    `headers`: fields of the server and of what stands before it. `unknown`: what the probe could
    not learn, one sentence each.
    """

    version: int = 1
    target: str
    address: str
    foreign: bool
    dial_ns: int
    page: str
    tls: Tls | None = None
    native: NativeWebSocket | None = None
    socket_io: SocketIo | None = None
    early: EarlySocketIo | None = None
    transports: tuple[TransportCost, ...] = ()
    failed: tuple[tuple[str, str], ...] = ()
    browser: Browser = Browser()
    headers: Fields = ()
    unknown: tuple[str, ...] = ()
