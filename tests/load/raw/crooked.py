"""A server that says what it should not: a native room in which one member is told otherwise."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from lab.chat import commands, events
from lab.chat.commands import Command, Join, Say
from lab.chat.events import Joined, Message, Said
from lab.contract import Address

Tell = Callable[[int, str], str | None]
"""What the member of this number is told where this text was said; None: nothing."""


class _Room:
    """Everybody who is connected; numbers are by their names."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._lock = threading.Lock()
        self._members: dict[int, ServerConnection] = {}
        self._seq = 0

    def serve(self, connection: ServerConnection) -> None:
        with suppress(ConnectionClosed):  # a raw client hangs up without a word
            for text in connection:
                self._obey(connection, commands.decode(text))

    def _obey(self, connection: ServerConnection, command: Command) -> None:
        with self._lock:
            if isinstance(command, Join):
                self._join(connection, command)
            elif isinstance(command, Say):
                self._say(connection, command)

    def _join(self, connection: ServerConnection, join: Join) -> None:
        self._members[int(join.name.removeprefix("member "))] = connection
        joined = Joined(join.id, join.room, join.name, [], self._seq, False)
        connection.send(events.encode(joined).decode())

    def _say(self, connection: ServerConnection, say: Say) -> None:
        self._seq += 1
        for number, member in self._members.items():
            if (text := self._tell(number, say.text)) is not None:
                message = Message(say.room, self._seq, "member 0", text, 0)
                member.send(events.encode(message).decode())
        connection.send(events.encode(Said(say.id, say.room, self._seq, 0)).decode())


@contextmanager
def crooked(tell: Tell) -> Iterator[Address]:
    """Serve such a room."""
    with serve(_Room(tell).serve, "127.0.0.1", 0, compression=None) as server:
        port = server.socket.getsockname()[1]
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            yield Address("", "127.0.0.1", port, f"ws://127.0.0.1:{port}/")
        finally:
            server.shutdown()
            serving.join()
