"""A plain WebSocket client that talks to a Socket.IO server without a Socket.IO library.

Each text frame begins with the digit of its packet type. Engine.IO 4: `0` open, `1` close,
`2` ping,
`3` pong, `4` message. Inside a message, Socket.IO 5: `0` connect, `2` event, `3` acknowledgement,
`4` refused. So `40` connects, `421["join",{…}]` sends a command with the number 1, `431[{…}]`
answers it, and `42["message",{…}]` is an event.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from lab.interop.clients import PythonClient
from lab.interop.outcome import Report, Visit
from lab.interop.python_clients import AttemptRecorder

PING, PONG, CONNECT, EVENT, ACK = "2", "3", "40", "42", "43"


class NotSocketIOError(ConnectionError):
    """The other side answered with something else than Socket.IO."""


class Spoken:
    """A connection that speaks Socket.IO by hand; `events`: the received ones, in order."""

    def __init__(self, ws: ClientConnection) -> None:
        self.events: list[tuple[str, Any]] = []
        self._ws = ws
        self._numbers = count(1)

    async def enter(self) -> None:
        """Connect on the level of Socket.IO.

        Raises:
            NotSocketIOError: the server refuses.
        """
        await self._expect("0{")
        await self._ws.send(CONNECT)
        await self._expect(CONNECT)

    async def ask(self, name: str, payload: Mapping[str, Any]) -> Any:
        """Emit an event and wait for its acknowledgement; return the acknowledgement's value."""
        number = next(self._numbers)
        await self._ws.send(f"{EVENT}{number}{json.dumps([name, payload])}")
        (answer,) = json.loads(await self._next(f"{ACK}{number}"))
        return answer

    async def hear(self) -> tuple[str, Any]:
        """Wait for the next event; return its name and its argument."""
        await self._next(EVENT)
        return self.events[-1]

    async def _expect(self, beginning: str) -> None:
        text = await self._text()
        if not text.startswith(beginning):
            raise NotSocketIOError(f"expected {beginning}…, got {text[:80]!r}")

    async def _next(self, beginning: str) -> str:
        """Return what follows `beginning` in the first packet that starts with it; answer pings."""
        while True:
            text = await self._text()
            if text == PING:
                await self._ws.send(PONG)
            elif text.startswith(EVENT):
                name, *arguments = json.loads(text.removeprefix(EVENT))
                self.events.append((name, arguments[0] if arguments else None))
            if text.startswith(beginning):
                return text.removeprefix(beginning)

    async def _text(self) -> str:
        return str(await self._ws.recv(decode=True))


@asynccontextmanager
async def speak(url: str) -> AsyncIterator[Spoken]:
    """Connect to Engine.IO's WebSocket at `url`, and to Socket.IO on it.

    Raises:
        OSError, websockets.InvalidHandshake: the handshake was refused.
        NotSocketIOError: the handshake succeeded, but the server does not speak Socket.IO.
    """
    async with connect(url, proxy=None) as ws:
        spoken = Spoken(ws)
        await spoken.enter()
        yield spoken


async def _attempt(visit: Visit) -> Report:
    recorder = AttemptRecorder()
    async with AsyncExitStack() as open_:
        spoken = await recorder.of_opening(open_.enter_async_context(speak(visit.url)), visit)
        if spoken is None:
            return recorder.report
        return await recorder.of_joining(_join(spoken, visit), visit)


async def _join(spoken: Spoken, visit: Visit) -> bool:
    reply = await spoken.ask("join", {"room": visit.room, "name": visit.name})
    return isinstance(reply, dict) and reply.get("type") == "joined"


SPOKEN = PythonClient("websockets speaking Socket.IO", "native", "websockets", _attempt)
"""The same as a client of the matrix, besides the seven; aim it at Engine.IO's path."""
