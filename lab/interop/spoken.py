"""Among the interop matrix: a raw WebSocket that talks to a Socket.IO server by speaking to it.

No Socket.IO library: text frames, each beginning with the digit that says what it is. Engine.IO 4:
`0` open, `1` close, `2` ping, `3` pong, `4` message; in a message Socket.IO 5: `0` connect,
`2` event, `3` acknowledgement, `4` refused. So `40` enters, `421["join",{…}]` asks with the number
1, `431[{…}]` is the answer to it, and `42["message",{…}]` is heard.
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
from lab.interop.python_clients import Said

PING, PONG, CONNECT, EVENT, ACK = "2", "3", "40", "42", "43"


class NotSocketIOError(ConnectionError):
    """The other side answered with something else than Socket.IO."""


class Spoken:
    """One connection that speaks Socket.IO by hand; `events` are those heard, in their order."""

    def __init__(self, ws: ClientConnection) -> None:
        self.events: list[tuple[str, Any]] = []
        self._ws = ws
        self._numbers = count(1)

    async def enter(self) -> None:
        """Be connected, as a Socket.IO client counts it.

        Raises:
            NotSocketIOError: the server does not let it in.
        """
        await self._expect("0{")
        await self._ws.send(CONNECT)
        await self._expect(CONNECT)

    async def ask(self, name: str, payload: Mapping[str, Any]) -> Any:
        """Emit an event and wait for its acknowledgement; returns what is in it."""
        number = next(self._numbers)
        await self._ws.send(f"{EVENT}{number}{json.dumps([name, payload])}")
        (answer,) = json.loads(await self._next(f"{ACK}{number}"))
        return answer

    async def hear(self) -> tuple[str, Any]:
        """Wait for the next event; returns its name and its argument."""
        await self._next(EVENT)
        return self.events[-1]

    async def _expect(self, beginning: str) -> None:
        text = await self._text()
        if not text.startswith(beginning):
            raise NotSocketIOError(f"expected {beginning}…, got {text[:80]!r}")

    async def _next(self, beginning: str) -> str:
        """What follows `beginning` in the first packet that has it; pings are answered."""
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
    """Connect to Engine.IO's WebSocket at `url`, and be let in.

    Raises:
        OSError, websockets.InvalidHandshake: the handshake was refused.
        NotSocketIOError: it was not, and no Socket.IO is spoken behind it.
    """
    async with connect(url, proxy=None) as ws:
        spoken = Spoken(ws)
        await spoken.enter()
        yield spoken


async def _knock(visit: Visit) -> Report:
    said = Said()
    async with AsyncExitStack() as open_:
        spoken = await said.of_opening(open_.enter_async_context(speak(visit.url)), visit)
        if spoken is None:
            return said.report
        return await said.of_joining(_join(spoken, visit), visit)


async def _join(spoken: Spoken, visit: Visit) -> bool:
    reply = await spoken.ask("join", {"room": visit.room, "name": visit.name})
    return isinstance(reply, dict) and reply.get("type") == "joined"


SPOKEN = PythonClient("websockets speaking Socket.IO", "native", "websockets", _knock)
"""It as a client of the matrix, though not one of its seven; to be aimed at Engine.IO's path."""
