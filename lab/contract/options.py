"""The contract's values: capabilities, libraries, and options to serve and connect."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Literal

import msgspec

from lab.compression import Compression

Settings = Literal["equal", "stock"]
"""`equal`: no compression unless it is asked for, same heartbeat, same JSON, to compare protocols.
`stock`: each library with its defaults, to show what users really get."""


class Capability(StrEnum):
    """What a transport can do. Tests ask for these, never for a transport's name."""

    ROOM = "room"
    """The transport has everything in docs/room.md. A transport without it is a limit to compare
    with: it takes `join` and `say` and sends the messages. Its documentation says what it leaves
    out."""
    SOCKET = "socket"
    """The server listens on an address of its own. It can run in its own process."""
    TCP = "tcp"
    """TCP carries the bytes. A relay can stand between a client and the server."""
    HTTP_1 = "http-1"
    """A TCP connection begins with an HTTP/1.1 request (RFC 9112), and without TLS unless
    `ServeOptions.tls` asks for it."""
    HTTP_2 = "http-2"
    """A TCP connection begins with the preface of HTTP/2 (RFC 9113 section 3.4). A session is made
    of its streams."""
    EXTENDED_CONNECT = "extended-connect"
    """The server accepts a WebSocket as a stream of HTTP/2 (RFC 8441) at `Address.url`. One text
    frame is one command or event in JSON."""
    TLS_ALWAYS = "tls-always"
    """There is no such transport without TLS, in browsers at least. `serve` needs
    `ServeOptions.tls`, and a client `ConnectOptions.tls`; `lab.tls.always` makes both."""
    WEBTRANSPORT = "webtransport"
    """QUIC carries the bytes, and the server accepts a WebTransport session at `Address.url`; with
    `ENGINE_IO` below `/socket.io/` there."""
    WEBSOCKET = "websocket"
    """The server answers an RFC 6455 opening handshake at `Address.websocket_url`."""
    MASK_CHECK = "mask-check"
    """The server closes with 1002 if a client's frame has no mask (RFC 6455 section 5.1)."""
    NATIVE_FRAMES = "native-frames"
    """One WebSocket text frame is one command or event in JSON. There are no other messages."""
    ENGINE_IO = "engine-io"
    """The server speaks Engine.IO protocol 4 with Socket.IO protocol 5 in it, below
    `/socket.io/`."""
    DEFAULT_PARSER = "default-parser"
    """Socket.IO's packets are JSON in text messages, as every client of it writes them unless it is
    given another parser."""
    MSGPACK_PARSER = "msgpack-parser"
    """Socket.IO's packets are maps in msgpack, each one binary message, as npm's
    `socket.io-msgpack-parser` writes them."""
    OWN_HTTP = "own-http"
    """This project's own parser reads the HTTP requests. It refuses an ambiguous request."""
    HTTP_SESSION = "http-session"
    """HTTP requests and responses of a session carry the commands and events."""
    KEPT_ALIVE = "kept-alive"
    """A client may connect over a TCP connection that an earlier client has left open."""
    HEARTBEAT = "heartbeat"
    """The server notices a dead peer within heartbeat interval + timeout."""
    PAUSES = "pauses"
    """A pause of the server's process, shorter than its heartbeat's timeout, loses no client that
    answers."""
    BOUNDED_QUEUE = "bounded-queue"
    """The server closes a connection that does not read, as `slow_consumer`."""
    FRAME_LIMIT = "frame-limit"
    """A message larger than `Limits.frame_bytes` ends the connection, in the way of the transport's
    protocol."""
    ORIGIN = "origin"
    """The server refuses an Origin that is not allowed, at the handshake."""
    DESCRIPTORS = "descriptors"
    """A server that has no file descriptor left for a connection says so once. It goes on when it
    has one."""
    COMPRESSION = "compression"
    """The server can compress what it sends; `Transport.compression` says what can be set."""
    SHARED_ROOM = "shared-room"
    """The server uses the `Chat` that it is given, with its clock. Other transports can share it.
    Without this capability the server is another program, with its own rooms."""
    JOINED_ROOM = "joined-room"
    """The server is another program, and can be one node of several: given a
    `lab.service.claimed.ClaimedChat`, it takes that place, and its rooms are those of all nodes."""


class Library(msgspec.Struct, frozen=True):
    """One library of a stack, with the version that is installed."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class Stack(msgspec.Struct, frozen=True):
    """The language and libraries of a transport. A figure is about all of them."""

    language: Library
    server: Library
    client: Library
    http: Library | None = None


class Heartbeat(msgspec.Struct, frozen=True):
    """How a server notices a dead peer: a ping every `interval_s`, an answer within `timeout_s`.

    The defaults are Engine.IO's. Under `equal` every transport has them.
    """

    interval_s: float = 25
    timeout_s: float = 20

    def __str__(self) -> str:
        return f"{self.interval_s:g} s + {self.timeout_s:g} s"


class ServerTls(msgspec.Struct, frozen=True):
    """The PEM files of a server that speaks TLS: its certificate with the chain, and its key.

    `keys`: the server appends the secrets of each connection to this file (the key log of RFC
    9850). A server whose library has no key log ignores it.
    """

    certificate: str
    key: str
    keys: str | None = None


class ClientTls(msgspec.Struct, frozen=True):
    """The TLS of a client. `authority`: the PEM file of the only authority that it trusts.

    `resume`: a connection resumes the TLS session of an earlier one, if the server gave a ticket.
    `keys`: OpenSSL appends the secrets of each connection to this file (the key log of RFC 9850).
    """

    authority: str
    resume: bool = False
    keys: str | None = None


class ServeOptions(msgspec.Struct, frozen=True):
    """How to run a server. `port` 0: any free port. `origins` None: only the same host.

    `hosts`: further names in `Host` that the server answers to, besides those of this machine.
    `trust_proxy`: the server believes the headers that a proxy forwards. `request_timeout_s`: how
    long the head of a request may take, and then its body. docs/room.md explains the first three.
    `tls` None: no TLS. `compression` None: as `settings` say.
    """

    host: str = "127.0.0.1"
    port: int = 0
    settings: Settings = "equal"
    heartbeat: Heartbeat = Heartbeat()
    origins: tuple[str, ...] | None = None
    hosts: tuple[str, ...] = ()
    trust_proxy: bool = False
    request_timeout_s: float = 10
    tls: ServerTls | None = None
    compression: Compression | None = None


class ConnectOptions(msgspec.Struct, frozen=True):
    """How a client connects. `frame_bytes`: the largest message that it takes.

    `pool`: TCP connections that stay open between clients, from `Transport.pool`. `tls`: how the
    client checks a server whose URL is `wss://` or `https://`. `compression`: what the client
    offers, and compresses itself; None: as `settings` say.
    """

    settings: Settings = "equal"
    frame_bytes: int = 4 * 1024 * 1024
    timeout_s: float = 10
    headers: Mapping[str, str] = {}
    pool: Any = None
    tls: ClientTls | None = None
    compression: Compression | None = None


class Address(msgspec.Struct, frozen=True):
    """Where a server listens. The transport's own client connects to `url`.

    `pid`: the process that serves, if it is not the one that called `serve`.
    """

    url: str
    host: str = ""
    port: int = 0
    websocket_url: str | None = None
    pid: int | None = None

    @property
    def is_tls(self) -> bool:
        """Whether the server speaks TLS."""
        return self.url.startswith(("wss:", "https:"))


def netloc(host: str, port: int) -> str:
    """Host and port for a URL: an IPv6 address is in brackets (RFC 3986 section 3.2.2)."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
