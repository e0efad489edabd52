"""The room on the tuned Socket.IO server: commands, acknowledgements, and broadcasts."""

from __future__ import annotations

from asyncio import AbstractEventLoop
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial

from lab.chat import commands
from lab.chat.commands import Command
from lab.chat.effects import Member
from lab.chat.events import LoggedEvent, Reply, RoomEvent, Why
from lab.contract import Address, Chat, Heartbeat, ServeOptions, Settings, Stack
from transports._codec.frames import TEXT, frame
from transports._shared.versions import PYTHON, installed
from transports._socketio.payload_limit import STOCK_PACKETS_PER_PAYLOAD
from transports._socketio.transport import SocketioClientTransport
from transports._tuned import listener
from transports._tuned.engineio import commands as commands_
from transports._tuned.engineio import packets
from transports._tuned.engineio.engine import Engine
from transports._tuned.engineio.namespace import MainNamespace
from transports._tuned.engineio.packets import Packet
from transports._tuned.engineio.session import Session
from transports._tuned.groups import Groups

UNREADABLE = "a command has no lone surrogates, and no numbers past the range of a double"
"""The reason of the refusal for JSON that no command may hold."""


class TunedSocketioServer(MainNamespace):
    """The outlet of the room, and the application of all sessions."""

    address: Address

    def __init__(self, chat: Chat, options: ServeOptions, transports: Sequence[str]) -> None:
        self._chat = chat
        self._sessions: dict[Member, Session] = {}
        # Under `stock` the client is python-engineio's, which refuses a payload with more packets.
        most = STOCK_PACKETS_PER_PAYLOAD if options.settings == "stock" else None
        self.engine = Engine(self, options, chat.limits, transports, most)
        self.new_id = self.engine.new_id
        # A member on a WebSocket is sent frames; a member that polls is sent packets.
        self._on_websocket = Groups(self.engine.reactor)
        self._polling = Groups(self.engine.reactor)

    def sessions(self) -> int:
        """See `contract.Server`."""
        return len(self.engine.sessions)

    # Called by the sessions: see `MainNamespace`.

    def message(self, session: Session, message: bytes) -> None:
        known = session.member is not None and session.awaited is None
        said = commands_.read(message) if known else None
        if said is None:
            super().message(session, message)
        else:
            self._carry_out(session, *said)

    def entered(self, session: Session, _packet: Packet) -> None:
        session.member = self._chat.attach(self)
        self._sessions[session.member] = session

    def event(self, session: Session, packet: Packet) -> None:
        payload = packet.data[1] if len(packet.data) > 1 else None
        try:
            if not packet.readable:
                raise commands.BadCommandError("bad_command", UNREADABLE, 0)
            command = commands.convert(packet.data[0], payload, 0)
        except commands.BadCommandError as bad:
            assert session.member is not None
            acknowledge = partial(self._acknowledge, session, packet.id)
            self._chat.refuse(session.member, bad.refusal, acknowledge)
            return
        self._carry_out(session, packet.id, command)

    def _carry_out(self, session: Session, packet_id: int | None, command: Command) -> None:
        """Give a command to the room. Its reply is the acknowledgement, if the client wants one."""
        assert session.member is not None
        acknowledge = partial(self._acknowledge, session, packet_id)
        self._chat.receive(session.member, command, acknowledge)
        if isinstance(command, commands.Typing):  # the room does not reply to `typing`
            acknowledge(None)

    def _acknowledge(self, session: Session, packet_id: int | None, reply: Reply | None) -> None:
        if packet_id is not None:
            session.send(packets.acknowledgement(packet_id, reply))

    def upgraded(self, session: Session) -> None:
        if session.member is not None:
            for room in session.rooms:
                self._polling.exit(room, session.poll)
                self._enter(room, session)

    def left(self, session: Session, why: Why) -> None:
        """Remove the member. The room's calls of `exit` that follow do nothing."""
        member, session.member = session.member, None
        assert member is not None
        for room in session.rooms:
            self._exit(room, session)
        session.rooms = ()
        del self._sessions[member]
        self._chat.detach(member, why)

    # Called by the room: see `contract.Outlet`.

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
        if session.websocket is None:
            self._polling.enter(room, session.poll)
        else:
            self._on_websocket.enter(room, session.websocket)

    def _exit(self, room: str, session: Session) -> None:
        if session.websocket is None:
            self._polling.exit(room, session.poll)
        else:
            self._on_websocket.exit(room, session.websocket)

    def broadcast(self, room: str, event: RoomEvent, skip: Member | None) -> None:
        packet = packets.event(event)
        skipped = None if skip is None else self._sessions.get(skip)
        if room in self._on_websocket:
            self._on_websocket.send(
                room, frame(TEXT, packet), skipped.websocket if skipped else None
            )
        if room in self._polling:
            self._polling.send(room, packet, skipped.poll if skipped else None)

    def deliver(self, member: Member, missed: Sequence[LoggedEvent]) -> None:
        session = self._sessions.get(member)
        if session is not None:
            for event in missed:
                session.send(packets.event(event))


class TunedSocketio(SocketioClientTransport):
    """A Socket.IO transport whose server uses no library. It allows only `transports`."""

    def unavailable(self) -> str | None:
        """See `Transport`."""
        return listener.unavailable()

    def new_event_loop(self) -> Callable[[], AbstractEventLoop] | None:
        """See `Transport`."""
        return listener.new_event_loop()

    def stack(self) -> Stack:
        """See `Transport`."""
        server = installed("transport-lab")
        return Stack(language=PYTHON, server=server, client=installed("python-socketio"))

    def effective_settings(self, settings: Settings) -> Mapping[str, str]:
        """See `Transport`."""
        most = f"at most {STOCK_PACKETS_PER_PAYLOAD} down" if settings == "stock" else "not limited"
        return {
            "transports": ", ".join(self.transports),
            "compression": "none",
            "heartbeat": f"{Heartbeat()}, by the server",
            "json": "msgspec",
            "packets per payload": most,
            "event loop": listener.event_loop(),
            "writes": "one for each connection and turn of the loop",
            "responses": "without Server",
        }

    @asynccontextmanager
    async def serve(self, chat: Chat, options: ServeOptions) -> AsyncIterator[TunedSocketioServer]:
        """See `Transport`."""
        server = TunedSocketioServer(chat, options, self.transports)
        engine = server.engine
        async with listener.listening(
            options, engine.reactor, engine.timer_wheel, engine.open_connection
        ) as port:
            server.address = self.address_at(options, port)
            try:
                yield server
            finally:
                engine.close_all()
