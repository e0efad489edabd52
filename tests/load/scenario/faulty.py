"""A WebSocket server that passes each text on to everybody, with a fault that was planted."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

HELLO = "hello"
"""Only its sender gets it back: then it is among the clients to which texts are passed on."""

Copies = Callable[[int, bool], int]
"""How many copies of text `number` a client gets; True: the client is its sender."""


def everybody(_number: int, _own: bool) -> int:
    """No fault."""
    return 1


class Chat:
    """The server's clients, and the texts that it has got."""

    def __init__(self, copies: Copies, dies_at: int | None) -> None:
        self._copies = copies
        self._dies_at = dies_at
        self._clients: list[ServerConnection] = []
        self._lock = threading.Lock()
        self._count = 0

    def serve(self, connection: ServerConnection) -> None:
        """Read one client's texts until it has gone."""
        self._clients.append(connection)
        try:
            for text in connection:
                with self._lock:
                    if text == HELLO:
                        connection.send(text)
                    else:
                        self._pass_on(connection, text)
        except ConnectionClosed:
            pass
        finally:
            self._clients.remove(connection)

    def _pass_on(self, sender: ServerConnection, text: str | bytes) -> None:
        self._count += 1
        if self._dies_at is not None and self._count >= self._dies_at:
            for client in self._clients:
                client.socket.shutdown(socket.SHUT_RDWR)
            return
        # The sender first: what comes after the last awaited delivery may find the load ended.
        for client in sorted(self._clients, key=lambda each: each is not sender):
            for _ in range(self._copies(self._count, client is sender)):
                client.send(text)


@contextmanager
def faulty(
    copies: Copies = everybody, dies_at: int | None = None, tls: ssl.SSLContext | None = None
) -> Iterator[int]:
    """Run the server on a free port."""
    chat = Chat(copies, dies_at)
    with serve(chat.serve, "127.0.0.1", 0, compression=None, ssl=tls) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.socket.getsockname()[1]
        finally:
            server.shutdown()
            thread.join()
