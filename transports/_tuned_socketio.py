"""Shared by the tuned Socket.IO wires: the room on Socket.IO 5, rooms and acks by hand."""

from __future__ import annotations

from asyncio import AbstractEventLoop
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

from lab.chat import commands
from lab.chat.commands import Command
from lab.chat.effects import Member
from lab.chat.events import LoggedEvent, Reply, RoomEvent, Why
from lab.contract import Address, Chat, ServeOptions, Settings, Stack
from transports import _tuned_commands, _tuned_packets, _tuned_serving
from transports._socketio import STOCK_PACKETS_PER_PAYLOAD, SocketioWire
from transports._tuned_engine import Engine
from transports._tuned_frames import TEXT, frame
from transports._tuned_packets import (
    ACK,
    BINARY_ACK,
    BINARY_EVENT,
    CONNECT,
    CONNECT_ERROR,
    DISCONNECT,
    EVENT,
    MOST_ATTACHMENTS,
    NotAPacketError,
    Packet,
)
from transports._tuned_rooms import Groups
from transports._tuned_session import Session
from transports._versions import PYTHON, installed

MAIN = b"/"
"""The one namespace that is served."""


class Server:
    """The outlet, and the Socket.IO server of all sessions."""

    address: Address

    def __init__(self, chat: Chat, options: ServeOptions, transports: Sequence[str]) -> None:
        self._chat = chat
        self._sessions: dict[Member, Session] = {}
        # Under `stock` the other side is python-engineio's client with its own bound.
        most = STOCK_PACKETS_PER_PAYLOAD if options.settings == "stock" else None
        self.engine = Engine(self, options, chat.limits, transports, most)
        # Those on a WebSocket are sent frames, those who poll packets.
        self._lines = Groups(self.engine.reactor)
        self._polls = Groups(self.engine.reactor)

    def sessions(self) -> int:
        """See `contract.Server`."""
        return len(self.engine.sessions)

    # In: see `Application`.

    def message(self, session: Session, message: bytes) -> None:
        if session.awaited is not None:
            raise NotAPacketError("a text where an attachment was awaited")
        said = None if session.member is None else _tuned_commands.read(message)
        if said is not None:
            self._carry_out(session, *said)
            return
        packet = _tuned_packets.parse(message)
        if packet.kind in (BINARY_EVENT, BINARY_ACK):
            if session.member is None or not 0 < packet.attachments <= MOST_ATTACHMENTS:
                raise NotAPacketError("attachments of nothing")
            session.awaited = (packet.attachments, packet)
        else:
            self._take(session, packet)

    def attachment(self, session: Session, data: bytes) -> None:
        if session.awaited is None:
            raise NotAPacketError("an attachment of nothing")
        missing, packet = session.awaited
        session.awaited = (missing - 1, packet) if missing > 1 else None
        if missing == 1 and packet.kind == BINARY_EVENT:
            # No command has room for bytes: what stands in their place is refused as it is.
            self._take(session, packet._replace(kind=EVENT))

    def _take(self, session: Session, packet: Packet) -> None:
        if packet.kind == CONNECT_ERROR:
            raise NotAPacketError("a server's packet from a client")
        if packet.kind == CONNECT:
            self._connect(session, packet.namespace)
        elif session.member is None or packet.namespace != MAIN:
            return
        elif packet.kind == DISCONNECT:
            self._leave(session, "closed")
        elif packet.kind != ACK:
            if not isinstance(packet.data, list) or not packet.data:
                raise NotAPacketError("an event is an array with its name")
            self._command(session, packet)

    def _connect(self, session: Session, namespace: bytes) -> None:
        if namespace != MAIN:
            session.send(_tuned_packets.no_namespace(namespace))
        elif session.member is None:
            session.member = self._chat.attach(self)
            self._sessions[session.member] = session
            session.send(_tuned_packets.connected(self.engine.new_id()))

    def _command(self, session: Session, packet: Packet) -> None:
        payload = packet.data[1] if len(packet.data) > 1 else None
        try:
            command = commands.convert(packet.data[0], payload, 0)
        except commands.BadCommandError as bad:
            if packet.id is not None:
                session.send(_tuned_packets.acknowledgement(packet.id, bad.refusal))
            return
        self._carry_out(session, packet.id, command)

    def _carry_out(self, session: Session, packet_id: int | None, command: Command) -> None:
        """Give a command to the room; its reply is the acknowledgement, where one is wanted."""
        assert session.member is not None
        acknowledged = packet_id is None

        def acknowledge(reply: Reply) -> None:
            nonlocal acknowledged
            if packet_id is not None:
                acknowledged = True
                session.send(_tuned_packets.acknowledgement(packet_id, reply))

        self._chat.receive(session.member, command, acknowledge)
        if packet_id is not None and not acknowledged:
            session.send(_tuned_packets.acknowledgement(packet_id, None))

    def upgraded(self, session: Session) -> None:
        if session.member is not None:
            for room in session.rooms:
                self._polls.exit(room, session.poll)
                self._enter(room, session)

    def departed(self, session: Session, why: Why) -> None:
        self._leave(session, why)

    def _leave(self, session: Session, why: Why) -> None:
        """Let the member go; the calls of `exit` that follow find it gone."""
        member, session.member = session.member, None
        if member is None:
            return
        for room in session.rooms:
            self._exit(room, session)
        session.rooms = ()
        session.awaited = None
        del self._sessions[member]
        self._chat.detach(member, why)

    # Out: see `contract.Outlet`.

    def enter(self, member: Member, room: str) -> None:
        session = self._sessions.get(member)
        if session is not None:
            session.rooms += (room,)
            self._enter(room, session)

    def exit(self, member: Member, room: str) -> None:
        session = self._sessions.get(member)
        if session is not None:
            session.rooms = tuple(other for other in session.rooms if other != room)
            self._exit(room, session)

    def _enter(self, room: str, session: Session) -> None:
        if session.line is None:
            self._polls.enter(room, session.poll)
        else:
            self._lines.enter(room, session.line)

    def _exit(self, room: str, session: Session) -> None:
        if session.line is None:
            self._polls.exit(room, session.poll)
        else:
            self._lines.exit(room, session.line)

    def broadcast(self, room: str, event: RoomEvent, skip: Member | None) -> None:
        packet = _tuned_packets.event(event)
        skipped = None if skip is None else self._sessions.get(skip)
        if room in self._lines:
            self._lines.send(room, frame(TEXT, packet), skipped.line if skipped else None)
        if room in self._polls:
            self._polls.send(room, packet, skipped.poll if skipped else None)

    def deliver(self, member: Member, missed: Sequence[LoggedEvent]) -> None:
        session = self._sessions.get(member)
        if session is not None:
            for event in missed:
                session.send(_tuned_packets.event(event))


class TunedSocketio(SocketioWire):
    """A Socket.IO wire without a library on the server's side, restricted to `transports`."""

    def unavailable(self) -> str | None:
        """See `Transport`."""
        return _tuned_serving.unavailable()

    def new_event_loop(self) -> Callable[[], AbstractEventLoop] | None:
        """See `Transport`."""
        return _tuned_serving.new_event_loop()

    def stack(self) -> Stack:
        """See `Transport`."""
        server = installed("transport-lab")
        return Stack(language=PYTHON, server=server, client=installed("python-socketio"))

    def knobs(self, settings: Settings) -> Mapping[str, str]:
        """See `Transport`."""
        most = f"at most {STOCK_PACKETS_PER_PAYLOAD} down" if settings == "stock" else "not limited"
        return {
            "transports": ", ".join(self.transports),
            "compression": "none",
            "heartbeat": "25 s + 20 s, by the server",
            "json": "msgspec",
            "packets per payload": most,
            "event loop": _tuned_serving.event_loop(),
            "writes": "one for each connection and turn of the loop",
            "responses": "without Server",
        }

    @asynccontextmanager
    async def serve(self, chat: Chat, options: ServeOptions) -> AsyncIterator[Server]:
        """See `Transport`."""
        server = Server(chat, options, self.transports)
        engine = server.engine
        async with _tuned_serving.listening(
            options, engine.reactor, engine.wheel, engine.open_line
        ) as port:
            server.address = self.address_at(options.host, port)
            try:
                yield server
            finally:
                engine.say_goodbye()
