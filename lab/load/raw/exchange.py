"""A member of the raw driver, and the TCP connections that it speaks over."""

from __future__ import annotations

import selectors
import socket
import struct
from collections.abc import Callable
from typing import Protocol

from lab.chat.events import Event, Reply
from lab.load.raw.dialects import Dialect

READ_BYTES = 1 << 18

_TCP_INFO_BYTES = 192
_DATA_SEGS_IN = struct.Struct("@152xI")
"""`tcpi_data_segs_in` of Linux's struct tcp_info (include/uapi/linux/tcp.h, since 4.6)."""


class RawError(RuntimeError):
    """The server said no, went away, or said what this driver does not understand."""


class Pipe:
    """One TCP connection in a selector's loop; what the kernel does not take at once waits here.

    `receive` is given what comes in, and returns how many deliveries that completed.
    """

    def __init__(
        self,
        selector: selectors.BaseSelector,
        address: tuple[str, int],
        receive: Callable[[bytes], int],
        owner: Member,
    ) -> None:
        self.owner = owner
        self._selector = selector
        self._receive = receive
        self._unsent = b""
        self._socket = socket.create_connection(address)
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
        """Send what waits."""
        waited = bool(self._unsent)
        try:
            self._unsent = self._unsent[self._socket.send(self._unsent) :]
        except BlockingIOError:
            pass
        except ConnectionError as broken:
            raise RawError(f"the line broke: {broken}") from broken
        if waited:
            write = selectors.EVENT_WRITE if self._unsent else 0
            self._selector.modify(self._socket, selectors.EVENT_READ | write, self)

    def read(self) -> int:
        """Take what is there; returns how many deliveries that completed.

        Raises:
            RawError: the server hung up.
        """
        try:
            data = self._socket.recv(READ_BYTES)
        except BlockingIOError:
            return 0
        except ConnectionError as broken:
            raise RawError(f"the line broke: {broken}") from broken
        if not data:
            raise RawError("the server hung up")
        return self._receive(data)

    def segments(self) -> int | None:
        """TCP segments with data that have come in (RFC 4898); None where the kernel can't say.

        Over loopback, and where the writer's last segment has left before it writes again, they are
        its writes: up to 64 KiB go in one.
        """
        try:
            info = self._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO_BYTES)
        except (AttributeError, OSError):
            return None
        return int(_DATA_SEGS_IN.unpack_from(info)[0]) if len(info) >= _DATA_SEGS_IN.size else None

    def close(self) -> None:
        """Hang up."""
        self._selector.unregister(self._socket)
        self._socket.close()


class Member(Protocol):
    """Somebody in the room, on any wire."""

    dialect: Dialect
    ready: bool
    """Whether a command can be sent."""
    replies: list[Reply]
    """What the room answered, oldest first; whoever reads them takes them out."""
    count: int
    """Deliveries of the batch so far; the room keeps it."""
    heard: list[Event]
    """Every delivery, oldest first; empty where nothing is decoded on arrival."""

    @property
    def last(self) -> bytes:
        """The text of the newest delivery."""

    def send(self, texts: list[bytes]) -> None:
        """Send commands, in as few writes as the wire allows."""

    def pieces(self) -> int | None:
        """In how many pieces its server has sent what it has had: writes, or responses to polls."""

    def close(self) -> None:
        """Hang up."""
