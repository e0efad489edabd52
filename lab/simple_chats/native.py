"""A simple chat on native WebSocket, in Python with `websockets`."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, broadcast
from websockets.exceptions import ConnectionClosed


class Chat:
    """The server: a set of connections for each room.

    Start it by `websockets.serve(Chat().handle, host, port)`.
    """

    def __init__(self) -> None:
        self.rooms: defaultdict[str, set[ServerConnection]] = defaultdict(set)

    async def handle(self, connection: ServerConnection) -> None:
        """Serve one connection until it ends."""
        try:
            async for line in connection:
                self.take(connection, json.loads(line))
        finally:
            self.leave(connection)

    def take(self, connection: ServerConnection, event: dict[str, str]) -> None:
        """Carry out what a client sent."""
        if event["type"] == "join":
            self.rooms[event["room"]].add(connection)
        elif event["type"] == "message":
            broadcast(self.rooms[event["room"]], json.dumps(event))

    def leave(self, connection: ServerConnection) -> None:
        """Take a connection out of all rooms."""
        for members in self.rooms.values():
            members.discard(connection)


class Client:
    """A member of one room; `on_message` gets each text."""

    connection: ClientConnection

    def __init__(self, url: str, room: str, on_message: Callable[[str], None]) -> None:
        self.url = url
        self.room = room
        self.on_message = on_message

    async def run(self) -> None:
        """Stay in the room: connect again, and join again, when the connection breaks."""
        async for connection in connect(self.url):
            self.connection = connection
            try:
                await self.send({"type": "join", "room": self.room})
                async for line in connection:
                    self.on_message(json.loads(line)["text"])
            except ConnectionClosed:
                continue

    async def say(self, text: str) -> None:
        """Send a text to the room."""
        await self.send({"type": "message", "room": self.room, "text": text})

    async def send(self, event: dict[str, str]) -> None:
        """Send an event as JSON."""
        await self.connection.send(json.dumps(event))
