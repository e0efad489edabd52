"""What the other side has sent and this one has not handled yet: credit is given as it is."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable

from transports._quic.messages import Message, Messages, TooLongError
from transports._quic.session import PROTOCOL_ERROR, Session
from transports._shared.fairness import LIBRARY_SHARE

TOO_BIG = 1009
"""RFC 6455 section 7.4.1: the code of a session that was sent a message which is too long."""


class Inbox(ABC):
    """Cuts the bytes of a session into messages.

    The other side gets credit for a message when it is handled. So what waits here is bounded by
    the window of QUIC's flow control, and the longest message.
    """

    def __init__(self, session: Session, messages: Messages) -> None:
        self._session = session
        self._messages = messages
        self._waiting: deque[Message] = deque()
        self._is_at_end = False
        session.received, session.stream_ended = self._feed, self._at_end

    def _feed(self, data: bytes) -> None:
        try:
            found = self._messages.feed(data)
        except TooLongError as error:
            self._session.close(TOO_BIG, str(error))
            return
        self._waiting += found
        self._session.handled(len(data) - sum(len(message.data) for message in found))
        self._more()

    def _at_end(self) -> None:
        """Take the end of the stream, which closes the session between two messages."""
        if self._messages.is_inside:
            self._session.close(PROTOCOL_ERROR, "the stream ended inside a message")
            return
        self._is_at_end = True
        self._more()

    @abstractmethod
    def _more(self) -> None:
        """Messages wait, or the stream has ended after those that wait."""


class SharedInbox(Inbox):
    """Handles a share of the messages in each turn of the event loop."""

    def __init__(
        self, session: Session, messages: Messages, handle: Callable[[Message], None]
    ) -> None:
        super().__init__(session, messages)
        self._handle = handle
        self._turn: asyncio.Handle | None = None

    def _more(self) -> None:
        if self._turn is None:
            self._turn = asyncio.get_running_loop().call_soon(self._take_turn)

    def _take_turn(self) -> None:
        self._turn = None
        for _ in range(LIBRARY_SHARE):
            if not self._waiting or not self._session.is_open:
                break
            message = self._waiting.popleft()
            self._handle(message)
            self._session.handled(len(message.data))
        if not self._session.is_open:
            self._waiting.clear()
        elif self._waiting:
            self._more()
        elif self._is_at_end:
            self._session.close(0, "")


class AwaitedInbox(Inbox):
    """Hands out each message to a task that waits for it."""

    def __init__(self, session: Session, messages: Messages) -> None:
        super().__init__(session, messages)
        self._changed = asyncio.Event()

    def _more(self) -> None:
        self._changed.set()

    def wake(self) -> None:
        """Let the waiting task see that the session has ended."""
        self._changed.set()

    async def next(self) -> Message:
        """The next message. Those that had arrived before the session ended come, too.

        Raises:
            ConnectionResetError: the session or its stream has ended, and nothing waits.
        """
        while not self._waiting:
            if self._is_at_end:
                self._session.close(0, "")
            if not self._session.is_open:
                raise ConnectionResetError("the session has ended")
            self._changed.clear()
            await self._changed.wait()
        message = self._waiting.popleft()
        self._session.handled(len(message.data))
        return message
