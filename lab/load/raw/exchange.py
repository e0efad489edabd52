"""A member of the raw driver, and its TCP connections."""

from __future__ import annotations

import functools
import selectors
import socket
import ssl
import struct
from collections.abc import Callable
from typing import Protocol

from lab.chat.events import Event, Reply
from lab.contract import ClientTls
from lab.load.raw.dialects import Dialect

READ_BYTES = 1 << 18
WAIT = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
"""The kernel, or TLS, has no data or no room now."""

_TCP_INFO_BYTES = 192
_DATA_SEGS_IN = struct.Struct("@152xI")
"""`tcpi_data_segs_in` of Linux's struct tcp_info (include/uapi/linux/tcp.h, since 4.6)."""


class RawError(RuntimeError):
    """The server refused, ended the connection, or sent what this driver can't read."""


class Counted(Protocol):
    """A member, or all members of another process together."""

    count: int


class Pipe:
    """One TCP connection in a selector's loop. Data that the kernel refuses waits here.

    `to`: the server's address, or a socket that is connected. `receive` gets the data that arrives,
    and returns how many deliveries it completed.
    """

    def __init__(
        self,
        selector: selectors.BaseSelector,
        to: tuple[str, int] | socket.socket,
        receive: Callable[[bytes], int],
        owner: Counted,
    ) -> None:
        self.owner = owner
        self._selector = selector
        self._receive = receive
        self._unsent = b""
        self._socket = to if isinstance(to, socket.socket) else socket.create_connection(to)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(self._socket, selectors.EVENT_READ, self)

    def send(self, data: bytes) -> None:
        """Send now, or as soon as the kernel takes it."""
        if self._unsent:
            self._unsent += data
            return
        self._unsent = data
        self.flush()

    def flush(self) -> None:
        """Send the waiting data."""
        waited = bool(self._unsent)
        try:
            self._unsent = self._unsent[self._socket.send(self._unsent) :]
        except WAIT:
            pass
        except (ConnectionError, ssl.SSLError) as broken:
            raise RawError(f"the connection broke: {broken}") from broken
        if waited:
            write = selectors.EVENT_WRITE if self._unsent else 0
            self._selector.modify(self._socket, selectors.EVENT_READ | write, self)

    def read(self) -> int:
        """Read the data that has arrived. Returns how many deliveries it completed.

        Raises:
            RawError: the server closed the connection.
        """
        try:
            data = self._socket.recv(READ_BYTES)
        except WAIT:
            return 0
        except (ConnectionError, ssl.SSLError) as broken:
            raise RawError(f"the connection broke: {broken}") from broken
        if not data:
            raise RawError("the server hung up")
        return self._receive(data)

    def segments(self) -> int | None:
        """How many TCP segments with data have arrived (RFC 4898); None if the kernel can't say.

        Over loopback each segment is one write of up to 64 KiB, if the writer's last segment has
        left before it writes again.
        """
        try:
            info = self._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO_BYTES)
        except (AttributeError, OSError):
            return None
        return int(_DATA_SEGS_IN.unpack_from(info)[0]) if len(info) >= _DATA_SEGS_IN.size else None

    def close(self) -> None:
        """Close the connection."""
        self._selector.unregister(self._socket)
        self._socket.close()


class TlsPipe(Pipe):
    """A `Pipe` over TLS: what is decrypted already makes no socket readable."""

    def __init__(
        self,
        selector: selectors.BaseSelector,
        to: ssl.SSLSocket,
        receive: Callable[[bytes], int],
        owner: Counted,
    ) -> None:
        super().__init__(selector, to, receive, owner)
        self._decrypted = to

    def read(self) -> int:
        """See `Pipe`."""
        found = super().read()
        while self._decrypted.pending():
            found += super().read()
        return found


def dial(
    selector: selectors.BaseSelector,
    to: tuple[str, int],
    receive: Callable[[bytes], int],
    owner: Counted,
    tls: ClientTls | None,
) -> Pipe:
    """A new connection, over TLS if `tls` says how. Its handshake is a full one.

    Raises:
        OSError: no server listens, or it can't be trusted.
    """
    if tls is None:
        return Pipe(selector, to, receive, owner)
    wrapped = _context(tls.authority).wrap_socket(
        socket.create_connection(to), server_hostname=to[0]
    )
    return TlsPipe(selector, wrapped, receive, owner)


@functools.lru_cache(maxsize=16)
def _context(authority: str) -> ssl.SSLContext:
    """One for all connections: to read the file for each would be a cost of the client."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_verify_locations(authority)
    return context


class Member(Protocol):
    """One member of the room, on any transport."""

    dialect: Dialect
    ready: bool
    """Whether it can send a command."""
    replies: list[Reply]
    """The room's replies, oldest first. The reader removes them."""
    count: int
    """How many deliveries of the batch have arrived. The room keeps this count."""
    heard: list[Event]
    """Every delivery, oldest first; empty if deliveries are not decoded on arrival."""

    @property
    def last(self) -> bytes:
        """The text of the newest delivery."""

    def send(self, texts: list[bytes]) -> None:
        """Send commands, in as few writes as the transport allows."""

    def pieces(self) -> int | None:
        """In how many pieces the server has sent its data: writes, or responses to polls."""

    def close(self) -> None:
        """Close the connection."""
