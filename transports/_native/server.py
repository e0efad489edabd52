"""The room on native WebSocket: one text frame is one command or event in JSON.

What a Socket.IO library does for its users is done here by hand: rooms, replies with the id of
their command, and refusals.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

import msgspec

from lab.chat import commands, events
from lab.chat.effects import Member
from lab.chat.events import LoggedEvent, RoomEvent
from lab.contract import Address, Capability, Chat, Connection
from transports._shared.membership import Membership

CAPABILITIES = frozenset(
    {
        Capability.ROOM,
        Capability.SOCKET,
        Capability.TCP,
        Capability.HTTP_1,
        Capability.WEBSOCKET,
        Capability.NATIVE_FRAMES,
        Capability.HEARTBEAT,
        Capability.PAUSES,
        Capability.BOUNDED_QUEUE,
        Capability.FRAME_LIMIT,
        Capability.ORIGIN,
        Capability.DESCRIPTORS,
        Capability.SHARED_ROOM,
    }
)

POLICY_VIOLATION = 1008
"""RFC 6455 section 7.4.1: the code of a connection that is closed as `slow_consumer`."""
UNSUPPORTED_DATA = 1003
"""RFC 6455 section 7.4.1: a binary frame where this transport speaks text."""
GOING_AWAY = 1001
"""RFC 6455 section 7.4.1: the server shuts down."""

T = TypeVar("T")


class NativeServer(Membership[T], Generic[T]):
    """The outlet of a native transport: it encodes each event once for all its receivers."""

    address: Address

    def __init__(self, chat: Chat) -> None:
        super().__init__()
        self.chat = chat

    @abstractmethod
    def write(self, connections: Iterable[T], text: bytes) -> None:
        """Send one text frame to each of the connections, without waiting."""

    def sessions(self) -> int:
        """See `contract.Server`."""
        return len(self.connections)

    def broadcast(self, room: str, event: RoomEvent, skip: Member | None) -> None:
        """See `contract.Outlet`."""
        self.write(self.others(room, skip), events.encode(event))

    def deliver(self, member: Member, missed: Sequence[LoggedEvent]) -> None:
        """See `contract.Outlet`."""
        for event in missed:
            self.write([self.connections[member]], events.encode(event))

    def reply(self, connection: T, reply: events.Reply) -> None:
        """Answer one command."""
        self.write([connection], events.encode(reply))

    def refuse(self, member: Member, connection: T, refusal: events.Refused) -> None:
        """Answer a text frame that is not a command."""
        self.chat.refuse(member, refusal, lambda reply: self.reply(connection, reply))

    def receive(self, member: Member, connection: T, text: str | bytes) -> None:
        """Handle one text frame: give its command to the room, or refuse it."""
        try:
            command = commands.decode(text)
        except commands.BadCommandError as bad:
            self.refuse(member, connection, bad.refusal)
            return
        self.chat.receive(member, command, lambda reply: self.reply(connection, reply))


class NativeConnection(Connection):
    """The part of the client that does not depend on the library."""

    @abstractmethod
    async def send_text(self, text: str) -> None:
        """Send one text frame.

        Raises:
            ConnectionClosedError: the connection has ended.
        """

    async def send(self, command: commands.Command) -> None:
        """See `Connection`."""
        await self.send_text(commands.encode(command).decode())

    async def send_untyped(self, name: str, payload: object, command_id: int) -> None:
        """See `Connection`."""
        message = {"type": name, "id": command_id}
        message |= payload if isinstance(payload, dict) else {"payload": payload}
        await self.send_text(msgspec.json.encode(message).decode())

    def received_text(self, text: str | bytes) -> None:
        """Take one text frame."""
        self._received(events.decode(text))
