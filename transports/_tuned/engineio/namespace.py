"""Socket.IO 5 on Engine.IO's sessions: connect, events, attachments, and one namespace."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

from lab.chat.events import Why
from transports._tuned.engineio import packets
from transports._tuned.engineio.packets import (
    BINARY_EVENT,
    CONNECT,
    DISCONNECT,
    EVENT,
    NotAPacketError,
    Packet,
)
from transports._tuned.engineio.session import Session

MAIN = b"/"
"""The only namespace that the server has."""


class MainNamespace(ABC):
    """Handles the packets of the main namespace. An application derives from it."""

    new_id: Callable[[], str]
    """Makes the Socket.IO id of a client that connects. The engine provides it."""

    # An application defines these.

    @abstractmethod
    def entered(self, session: Session, packet: Packet) -> None:
        """Handle a client's CONNECT, whose `auth` is `packet.data`: it may send events now."""

    @abstractmethod
    def event(self, session: Session, packet: Packet) -> None:
        """Handle an event. `packet.data` is a list with at least one item."""

    @abstractmethod
    def left(self, session: Session, why: Why) -> None:
        """Handle the client's DISCONNECT, or the end of its session."""

    # The engine calls these: see `Application`.

    def message(self, session: Session, message: bytes) -> None:
        """See `Application`."""
        if session.awaited is not None:
            raise NotAPacketError("a text message came before all attachments")
        packet = packets.parse(message)
        packets.check(packet)
        if packet.attachments == 0:
            self._take(session, packet)
        elif session.entered:
            # Kept as bytes: as Python objects, deeply nested JSON takes twenty times the memory.
            session.awaited = (packet.attachments, message)
        else:
            raise NotAPacketError("attachments before the client has connected")

    def attachment(self, session: Session, _data: bytes) -> None:
        """See `Application`."""
        if session.awaited is None:
            raise NotAPacketError("an attachment without an event")
        missing, message = session.awaited
        session.awaited = (missing - 1, message) if missing > 1 else None
        packet = packets.parse(message) if missing == 1 else None
        if packet is not None and packet.kind == BINARY_EVENT:
            # No command has bytes in it. The placeholder for them is refused as any wrong value is.
            self._take(session, packet._replace(kind=EVENT))

    def departed(self, session: Session, why: Why) -> None:
        """See `Application`."""
        if session.entered:
            session.entered = False
            session.awaited = None
            self.left(session, why)

    def _take(self, session: Session, packet: Packet) -> None:
        if packet.kind == CONNECT:
            self._connect(session, packet)
        elif not session.entered or packet.namespace != MAIN:
            # As socket.io in Node does. If the server ignored it, an acknowledgement would be
            # missing, and the client would not learn why.
            raise NotAPacketError("a packet for a namespace that the client is not connected to")
        elif packet.kind == DISCONNECT:
            self.departed(session, "closed")
        elif packet.kind == EVENT:
            self.event(session, packet)

    def _connect(self, session: Session, packet: Packet) -> None:
        if packet.namespace != MAIN:
            session.send(packets.no_namespace(packet.namespace))
        elif not session.entered:
            session.entered = True
            session.send(packets.connected(self.new_id()))
            self.entered(session, packet)
