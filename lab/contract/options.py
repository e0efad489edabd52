"""The contract's values: what a wire can do, what it is made of, how it is to be run."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Literal

import msgspec

Settings = Literal["equal", "stock"]
"""`equal`: no compression, same heartbeat, same JSON, for comparing protocols.
`stock`: each library as it is installed, for showing what people really get."""


class Capability(StrEnum):
    """What a wire can do. Tests ask for these, never for a wire's name."""

    ROOM = "room"
    """The whole meaning of docs/room.md; without it a wire is a yardstick, which takes `join` and
    `say` and sends the messages, and says in its documentation what else it leaves out."""
    SOCKET = "socket"
    """Bytes cross a TCP socket; the server can stand in a process of its own."""
    WEBSOCKET = "websocket"
    """An RFC 6455 opening handshake is answered at `Address.websocket_url`."""
    MASK_CHECK = "mask-check"
    """A client's frame without a mask is refused with 1002 (RFC 6455 section 5.1)."""
    NATIVE_FRAMES = "native-frames"
    """One WebSocket text frame is one command or event in JSON, and nothing else is spoken."""
    ENGINE_IO = "engine-io"
    """Engine.IO protocol 4, and Socket.IO protocol 5 in it, are spoken below `/socket.io/`."""
    HTTP_SESSION = "http-session"
    """Commands and events travel in HTTP requests and responses of a session."""
    KEPT_ALIVE = "kept-alive"
    """A client may connect over a TCP connection that an earlier one has left open."""
    HEARTBEAT = "heartbeat"
    """A dead peer is noticed within heartbeat interval + timeout."""
    BOUNDED_QUEUE = "bounded-queue"
    """A connection that does not read is closed as `slow_consumer`."""
    FRAME_LIMIT = "frame-limit"
    """What is larger than `Limits.frame_bytes` ends the connection in the wire's own protocol."""
    ORIGIN = "origin"
    """Another Origin than those allowed is refused at the handshake."""
    SHARED_ROOM = "shared-room"
    """The room is the `Chat` that the server is given: other wires can be in it, and it goes by
    that chat's clock. Without it the server has a room of its own, in a program of its own."""


class Library(msgspec.Struct, frozen=True):
    """One library of a stack, with the version that is installed."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class Stack(msgspec.Struct, frozen=True):
    """What a wire is made of; figures are of this stack, not of the protocol alone."""

    language: Library
    server: Library
    client: Library
    http: Library | None = None


class Heartbeat(msgspec.Struct, frozen=True):
    """How a dead peer is noticed: a ping every `interval_s`, an answer within `timeout_s`.

    The defaults are Engine.IO's; under `equal` every wire has them.
    """

    interval_s: float = 25
    timeout_s: float = 20


class ServeOptions(msgspec.Struct, frozen=True):
    """How a server is to be run. `port` 0: any free one. `origins` None: the same host only."""

    host: str = "127.0.0.1"
    port: int = 0
    settings: Settings = "equal"
    heartbeat: Heartbeat = Heartbeat()
    origins: tuple[str, ...] | None = None


class ConnectOptions(msgspec.Struct, frozen=True):
    """How a client is to connect. `frame_bytes`: the largest message that it takes.

    `pool`: TCP connections that are kept open between clients, from `Transport.pool`.
    """

    settings: Settings = "equal"
    frame_bytes: int = 4 * 1024 * 1024
    timeout_s: float = 10
    headers: Mapping[str, str] = {}
    pool: Any = None


class Address(msgspec.Struct, frozen=True):
    """Where a server listens. `url` is what the wire's own client is given.

    `pid`: the process that serves, where it is not the one that called `serve`.
    """

    url: str
    host: str = ""
    port: int = 0
    websocket_url: str | None = None
    pid: int | None = None


def netloc(host: str, port: int) -> str:
    """Host and port as a URL has them: an IPv6 address in brackets (RFC 3986 section 3.2.2)."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
