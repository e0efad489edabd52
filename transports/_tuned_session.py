"""Shared by the tuned Socket.IO wires: one Engine.IO session, whatever carries it."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Protocol

from lab.chat.effects import Member
from lab.chat.events import Why
from transports._repeats import Polls
from transports._tuned_frames import NORMAL as NORMAL_CLOSURE
from transports._tuned_frames import TEXT, close_frame, frame
from transports._tuned_packets import (
    BINARY,
    CLOSE,
    MESSAGE,
    NOOP,
    PONG,
    UPGRADE,
    NotAPacketError,
    Packet,
)
from transports._tuned_reactor import Outbox, Reactor
from transports._tuned_wheel import Slot, Wheel

if TYPE_CHECKING:
    from transports._tuned_engine_line import EngineLine

MOST_LONELY_PINGS = 2
"""Heartbeats of a session in which nobody has entered the namespace, until it is given up."""


class Application(Protocol):
    """What is told of the sessions: the Socket.IO server."""

    def message(self, session: Session, message: bytes) -> None:
        """A text message came in. Raises NotAPacketError where it is no packet of Socket.IO."""

    def attachment(self, session: Session, data: bytes) -> None:
        """A binary message came in. Raises NotAPacketError where none is awaited."""

    def upgraded(self, session: Session) -> None:
        """From now on `session.line` carries it."""

    def departed(self, session: Session, why: Why) -> None:
        """The session has ended."""


class Poll(Outbox):
    """What waits for a session's next poll: its packets, and the poll where one is pending."""

    __slots__ = ("_counted", "_counted_bytes", "order", "pending", "session")

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.pending: EngineLine | None = None
        self.order = Polls()
        self._counted = 0
        self._counted_bytes = 0

    def flush(self) -> None:
        """See `Outbox`: all packets in one response, if there is a poll to answer."""
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
        line, self.pending = self.pending, None
        assert line is not None
        self._counted = self._counted_bytes = 0
        most = self.session.most_packets
        if most is not None and len(packets) > most:
            packets, self.unsent = packets[:most], packets[most:]
        line.answer_poll(packets)

    def _check_bound(self) -> None:
        self._counted_bytes += sum(map(len, self.unsent[self._counted :]))
        self._counted = len(self.unsent)
        if self._counted_bytes > self.session.queue_bytes:
            self.session.end("slow_consumer")

    def release(self, last: bytes | None) -> None:
        """Answer the pending poll, if there is one, with `last` alone or with nothing at all."""
        line, self.pending = self.pending, None
        if line is not None:
            line.answer_poll([] if last is None else [last])


class Session:
    """A client's stay: it outlives the requests that make it up, and moves to a WebSocket.

    `line` is the WebSocket that carries it, None while polls do; `upgrading` the one that is about
    to.
    """

    __slots__ = (
        "_awaiting_pong",
        "_lonely_pings",
        "_reactor",
        "_sessions",
        "_wheel",
        "application",
        "awaited",
        "line",
        "member",
        "most_packets",
        "poll",
        "queue_bytes",
        "rooms",
        "sid",
        "slot",
        "upgrading",
    )

    def __init__(
        self,
        sid: str,
        sessions: dict[str, Session],
        application: Application,
        reactor: Reactor,
        wheel: Wheel,
        queue_bytes: int,
        most_packets: int | None,
    ) -> None:
        self.sid = sid
        self.application = application
        self.queue_bytes = queue_bytes
        self.most_packets = most_packets
        self.line: EngineLine | None = None
        self.upgrading: EngineLine | None = None
        self.poll = Poll(self)
        self.slot: Slot | None = None
        # The application's.
        self.member: Member | None = None
        self.rooms: tuple[str, ...] = ()
        self.awaited: tuple[int, Packet] | None = None
        self._awaiting_pong = False
        self._lonely_pings = 0
        self._reactor = reactor
        self._wheel = wheel
        self._sessions = sessions
        sessions[sid] = self
        wheel.until_ping(self)

    def send(self, packet: bytes) -> None:
        """Send one Engine.IO packet."""
        if self.line is None:
            self._reactor.put(self.poll, packet)
        else:
            self._reactor.put(self.line, frame(TEXT, packet))

    def take(self, packet: bytes) -> None:
        """Take one Engine.IO packet.

        Raises:
            NotAPacketError: it is none.
        """
        kind = packet[0] if packet else None
        if kind == MESSAGE:
            self.application.message(self, packet[1:])
        elif kind == PONG:
            self._ponged()
        elif kind == CLOSE:
            self.hang_up("closed", None)
        elif kind == BINARY:
            try:
                data = base64.b64decode(packet[1:], validate=True)
            except (binascii.Error, ValueError):
                raise NotAPacketError("a binary packet is base64") from None
            self.application.attachment(self, data)
        elif kind == UPGRADE:
            self.send(bytes((NOOP,)))
        elif kind != NOOP:
            raise NotAPacketError("an Engine.IO packet begins with its kind")

    # Heartbeat.

    def _ponged(self) -> None:
        if self._awaiting_pong:
            self._awaiting_pong = False
            self._wheel.until_ping(self)

    def expired(self) -> None:
        """See `Timed`."""
        self._lonely_pings = self._lonely_pings + 1 if self.member is None else 0
        if self._awaiting_pong or self._lonely_pings > MOST_LONELY_PINGS:
            self.hang_up("lost", bytes((CLOSE,)))
            return
        self._awaiting_pong = True
        self.send(b"2")
        self._wheel.until_lost(self)

    # The turn to WebSocket.

    def probed(self, line: EngineLine) -> None:
        """A WebSocket is about to carry the session: let the pending poll go."""
        self.upgrading = line
        if self.poll.pending is None:
            self._reactor.put(self.poll, bytes((NOOP,)))
        else:
            self.poll.unsent.append(bytes((NOOP,)))
            self.poll.flush()

    def upgraded(self, line: EngineLine) -> None:
        """It carries it from now on, what was waiting first."""
        self.line, self.upgrading = line, None
        self.application.upgraded(self)
        packets, self.poll.unsent = self.poll.unsent, []
        for packet in packets:
            self.send(packet)

    # The end.

    def end(self, why: Why, last: bytes | None = None) -> None:
        """The session is over; the pending poll is answered. A second time changes nothing."""
        if self._sessions.pop(self.sid, None) is None:
            return
        self._wheel.remove(self)
        self.application.departed(self, why)
        self.poll.release(last)
        self.poll.unsent = []

    def hang_up(self, why: Why, last: bytes | None) -> None:
        """End it, with a last packet where there is one, and the WebSocket that carries it."""
        line = self.line
        self.end(why, last)
        if line is not None:
            goodbye = b"" if last is None else frame(TEXT, last)
            line.finish(goodbye + close_frame(NORMAL_CLOSURE))
