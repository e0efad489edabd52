"""One Engine.IO session, over polls or over a WebSocket, and the upgrade from one to the other."""

from __future__ import annotations

import base64
import binascii
from abc import abstractmethod
from typing import Protocol

from lab.chat.effects import Member
from lab.chat.events import Why
from transports._codec.frames import NORMAL as NORMAL_CLOSURE
from transports._codec.frames import TEXT, close_frame, frame
from transports._shared.repeated_polls import Polls
from transports._tuned.engineio.packets import (
    BINARY,
    CLOSE,
    MESSAGE,
    NOOP,
    PONG,
    UPGRADE,
    NotAPacketError,
)
from transports._tuned.reactor import Outbox, Reactor
from transports._tuned.timer_wheel import Slot, TimerWheel
from transports._tuned.websocket import TunedWebSocketConnection

NOTHING = bytes((NOOP,))
"""The packet that answers a poll when no other packet waits."""

PACKET_BYTES = 64
"""The memory that a waiting packet takes besides its bytes: an object, and its place in a list."""

MOST_PINGS_UNCONNECTED = 3
"""How many heartbeats a session gets whose client has not connected to the namespace."""


class Application(Protocol):
    """The Socket.IO server, which the sessions call."""

    def message(self, session: Session, message: bytes) -> None:
        """Handle a text message. Raises NotAPacketError if it is not a Socket.IO packet."""

    def attachment(self, session: Session, data: bytes) -> None:
        """Handle a binary message. Raises NotAPacketError if no packet waits for one."""

    def upgraded(self, session: Session) -> None:
        """React to an upgrade: from now on `session.websocket` carries the session."""

    def departed(self, session: Session, why: Why) -> None:
        """React to the end of the session."""


class SessionConnection(TunedWebSocketConnection):
    """A connection as a session uses it. The engine, which routes requests, subclasses it."""

    __slots__ = ()

    @abstractmethod
    def answer_poll(self, packets: list[bytes]) -> None:
        """Answer the poll that this connection took, and go on with its next request."""


class Poll(Outbox):
    """The packets that wait for a session's next poll, and the pending poll if there is one."""

    __slots__ = ("_counted", "_counted_bytes", "order", "pending", "session")

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.pending: SessionConnection | None = None
        self.order = Polls()
        self._counted = 0
        self._counted_bytes = 0

    def flush(self) -> None:
        """See `Outbox`: answer the pending poll with all packets, or let them wait for one."""
        self.gathered = False
        if not self.unsent:
            return
        if self.pending is None:
            self._check_bound()
            return
        packets, self.unsent = self.unsent, []
        self._answer(packets)

    def take(self, data: bytes, packets: list[bytes]) -> None:
        """See `Outbox`."""
        if self.unsent or self.pending is None:
            self.unsent += packets
            self.flush()
        else:
            self._answer(packets)

    def _answer(self, packets: list[bytes]) -> None:
        connection, self.pending = self.pending, None
        assert connection is not None
        self._counted = self._counted_bytes = 0
        # python-engineio's client takes no more packets in one payload under `stock`.
        most = self.session.most_packets
        if most is not None and len(packets) > most:
            packets, self.unsent = packets[:most], packets[most:]
        connection.answer_poll(packets)

    def _check_bound(self) -> None:
        new = self.unsent[self._counted :]
        self._counted_bytes += sum(map(len, new)) + PACKET_BYTES * len(new)
        self._counted = len(self.unsent)
        if self._counted_bytes > self.session.queue_bytes:
            self.session.end("slow_consumer")

    def release(self, last: bytes) -> None:
        """Answer the pending poll, if there is one, with the packet `last` only."""
        connection, self.pending = self.pending, None
        if connection is not None:
            connection.answer_poll([last])


class Session:
    """One client's session. It lasts over many requests, and may move to a WebSocket.

    `websocket` is the WebSocket that carries the session, None as long as polls do. `upgrading` is
    a WebSocket that is about to carry it.
    """

    __slots__ = (
        "_awaiting_pong",
        "_pings_unconnected",
        "_reactor",
        "_sessions",
        "_timer_wheel",
        "application",
        "awaited",
        "entered",
        "member",
        "most_packets",
        "poll",
        "queue_bytes",
        "rooms",
        "sid",
        "slot",
        "upgrading",
        "websocket",
    )

    def __init__(
        self,
        sid: str,
        sessions: dict[str, Session],
        application: Application,
        reactor: Reactor,
        timer_wheel: TimerWheel,
        queue_bytes: int,
        most_packets: int | None,
    ) -> None:
        self.sid = sid
        self.application = application
        self.queue_bytes = queue_bytes
        self.most_packets = most_packets
        self.websocket: SessionConnection | None = None
        self.upgrading: SessionConnection | None = None
        self.poll = Poll(self)
        self.slot: Slot | None = None
        # The application uses these.
        self.entered = False
        self.member: Member | None = None
        self.rooms: tuple[str, ...] = ()
        self.awaited: tuple[int, bytes] | None = None
        self._awaiting_pong = False
        self._pings_unconnected = 0
        self._reactor = reactor
        self._timer_wheel = timer_wheel
        self._sessions = sessions
        sessions[sid] = self
        timer_wheel.until_ping(self)

    def send(self, packet: bytes) -> None:
        """Send one Engine.IO packet."""
        if self.websocket is None:
            self._reactor.put(self.poll, packet)
        else:
            self._reactor.put(self.websocket, frame(TEXT, packet))

    def take(self, packet: bytes) -> None:
        """Handle one Engine.IO packet.

        Raises:
            NotAPacketError: it is not one.
        """
        kind = packet[0] if packet else None
        if kind == MESSAGE:
            self.application.message(self, packet[1:])
        elif kind == PONG:
            self._ponged()
        elif kind == CLOSE:
            self.close("closed")
        elif kind == BINARY:
            try:
                data = base64.b64decode(packet[1:], validate=True)
            except (binascii.Error, ValueError):
                raise NotAPacketError("a binary packet must be base64") from None
            self.application.attachment(self, data)
        elif kind not in (UPGRADE, NOOP):  # engine.io in Node ignores an UPGRADE here too
            raise NotAPacketError("an Engine.IO packet must begin with its type")

    # Heartbeat.

    def _ponged(self) -> None:
        if self._awaiting_pong:
            self._awaiting_pong = False
            self._timer_wheel.until_ping(self)

    def expired(self) -> None:
        """See `Timed`."""
        # A client that answers pings but never connects to the namespace must not stay for ever.
        self._pings_unconnected = self._pings_unconnected + 1 if not self.entered else 0
        if self._awaiting_pong or self._pings_unconnected > MOST_PINGS_UNCONNECTED:
            self.close("lost", bytes((CLOSE,)))
            return
        self._awaiting_pong = True
        self.send(b"2")
        self._timer_wheel.until_lost(self)

    # The upgrade to WebSocket.

    def may_be_probed(self, connection: SessionConnection) -> bool:
        """Whether no other WebSocket carries the session or is about to."""
        return self.websocket is None and self.upgrading in (None, connection)

    def probed(self, connection: SessionConnection) -> None:
        """Begin the upgrade: answer the pending poll, so that the client can stop polling."""
        self.upgrading = connection
        if self.poll.pending is not None:
            self.poll.unsent.append(NOTHING)
            self.poll.flush()

    def upgraded(self, connection: SessionConnection) -> None:
        """Complete the upgrade: the connection carries the session, the waiting packets first."""
        self.websocket, self.upgrading = connection, None
        self.application.upgraded(self)
        packets, self.poll.unsent = self.poll.unsent, []
        for packet in packets:
            self.send(packet)

    # The end.

    def end(self, why: Why, last: bytes = NOTHING) -> None:
        """End the session, and answer the pending poll. A second call changes nothing."""
        if self._sessions.pop(self.sid, None) is None:
            return
        self._timer_wheel.remove(self)
        self.application.departed(self, why)
        self.poll.release(last)
        self.poll.unsent = []

    def close(self, why: Why, last: bytes = NOTHING) -> None:
        """End the session and its WebSocket. `last` is a packet to send before, if it is given."""
        websocket = self.websocket
        self.end(why, last)
        if websocket is not None:
            closing = b"" if last is NOTHING else frame(TEXT, last)
            websocket.finish(closing + close_frame(NORMAL_CLOSURE))
