"""The room on a WebTransport stream: one message is one command or event in JSON.

A message has its length before it, as QUIC writes numbers (`messages.py`). In all else it is the
text frame of the native WebSocket transports, with their codec.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from lab.chat.effects import Member
from lab.chat.events import RoomEvent
from lab.contract import Chat
from transports._native import server as native
from transports._quic import messages, varint
from transports._quic.capsules import Close
from transports._quic.client import ClientLink
from transports._quic.inbox import SharedInbox
from transports._quic.messages import Message, Messages
from transports._quic.server import ServerLink
from transports._quic.session import Ended, Session

MOST_MESSAGE = varint.MOST
"""The client takes what the server sends, whose bounds are those of the room."""
INVALID_DATA = 1007
"""RFC 6455 section 7.4.1: a text that is not UTF-8."""


class RoomServer(native.NativeServer[Session]):
    """The server: each session is one connection of the room."""

    def __init__(self, chat: Chat) -> None:
        super().__init__(chat)
        self._members: dict[Session, Member] = {}

    def make(self, link: ServerLink) -> Session:
        """Make the session of a link, whose client is in no room yet."""
        member = self.chat.attach(self)
        session = Session(link, link.session_id, lambda how: self._ended(member, how))
        found = Messages(messages.read_length, self.chat.limits.frame_bytes)
        SharedInbox(session, found, lambda message: self._take(member, session, message))
        self.connections[member] = session
        self._members[session] = member
        link.over.add_done_callback(lambda _: self._forget(session))
        return session

    def _forget(self, session: Session) -> None:
        del self.connections[self._members.pop(session)]

    def _take(self, member: Member, session: Session, message: Message) -> None:
        try:
            message.data.decode()
        except UnicodeDecodeError:
            session.close(INVALID_DATA, "a message must be UTF-8")
            return
        self.receive(member, session, message.data)

    def _ended(self, member: Member, how: Ended) -> None:
        self.chat.detach(member, "closed" if isinstance(how, Close) else "lost")

    def write(self, connections: Iterable[Session], text: bytes) -> None:
        """See `NativeServer`."""
        data = messages.encode(text)
        for session in connections:
            session.send(data)
            if session.unsent() > self.chat.limits.queue_bytes and session.is_open:
                self.chat.detach(self._members[session], "slow_consumer")
                session.close(native.POLICY_VIOLATION, "slow_consumer")


class RoomConnection(native.NativeConnection):
    """The client."""

    def __init__(self, link: ClientLink, session: Session, on_event: Callable[[RoomEvent], None]):
        super().__init__(on_event)
        self._link = link
        self._session = session
        self._messages = Messages(messages.read_length, MOST_MESSAGE)
        session.received, session.stream_ended = self._take, self._stream_ended
        link.ended.add_done_callback(lambda ended: self._ended(str(ended.result())))

    def _take(self, data: bytes) -> None:
        for message in self._messages.feed(data):
            self.received_text(message.data)
        self._session.handled(len(data))

    def _stream_ended(self) -> None:
        """Do nothing: the server closes the session, too, and says why."""

    async def send_text(self, text: str) -> None:
        """See `NativeConnection`."""
        self._check_open()
        await self._link.room_to_send(self._session)
        self._session.send(messages.encode(text.encode()))

    async def close(self) -> None:
        """See `Connection`."""
        await self._link.leave()
        await self._link.ended
