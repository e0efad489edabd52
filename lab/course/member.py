"""A member of a room that speaks Socket.IO over WebSocket by hand, without a Socket.IO client."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from lab.course.patience import patience_s
from lab.course.problem import WrongError

PATH = "/socket.io/?EIO=4&transport=websocket"
SHOWN = 80
ACKNOWLEDGED = "Socket.IO 5, Acknowledgement"


class Member:
    """One connection. `events`: the name and the first argument of each event that came.

    `strange`: what came that is no packet of Engine.IO.
    `admitted`: the server has answered the connect packet. Before that, it takes no event.
    `joined`: the answer of its `join`.
    """

    def __init__(self, connection: ClientConnection) -> None:
        self.events: list[tuple[str, Any]] = []
        self.ended = False
        self.strange = ""
        self.admitted = False
        self.joined: dict[str, Any] = {}
        self._connection = connection
        self._answers: dict[int, Any] = {}
        self._came = asyncio.Condition()
        self._next = 0

    async def ask(self, event: str, **fields: object) -> dict[str, Any]:
        """Send an event, and return its acknowledgement.

        Raises:
            WrongError: there is none, or it is no object.
        """
        number = self._next
        self._next += 1
        await self._send(f"42{number}{json.dumps([event, fields])}")
        what = f"'{event}' is not answered"
        await self.until(lambda: number in self._answers, what, "an answer", ACKNOWLEDGED)
        answer = self._answers.pop(number)
        if not isinstance(answer, dict):
            got = json.dumps(answer, ensure_ascii=False)
            raise WrongError(f"'{event}' has a strange answer", "an object", got, ACKNOWLEDGED)
        return answer

    async def enter(self) -> None:
        """Send the connect packet; `admitted` says when it is answered."""
        await self._send("40")

    async def tell(self, event: str, **fields: object) -> None:
        """Send an event that has no acknowledgement."""
        await self._send(f"42{json.dumps([event, fields])}")

    async def tell_raw(self, packet: str) -> None:
        """Send a packet, right or wrong."""
        await self._send(packet)

    def texts(self) -> list[str]:
        """The texts of the messages that came, in their order."""
        found = [value for event, value in self.events if event == "message"]
        return [str(value.get("text")) for value in found if isinstance(value, dict)]

    async def until(
        self, done: Callable[[], bool], what: str, expected: str, clause: str = "the chapter"
    ) -> None:
        """Wait until `done`.

        Raises:
            WrongError: the connection ends before, or it takes too long.
        """
        try:
            async with asyncio.timeout(patience_s()), self._came:
                await self._came.wait_for(lambda: done() or self.ended or self.strange)
        except TimeoutError:
            raise WrongError(what, expected, f"nothing in {patience_s():g} s", clause) from None
        if not done() and self.strange:
            raise WrongError(what, expected, f"'{self.strange}'", clause)
        if not done():
            raise WrongError(what, expected, "the end of the connection", clause, ended=True)

    async def read(self) -> None:
        """Read until the connection ends."""
        try:
            async for packet in self._connection:
                await self._take(str(packet))
        except ConnectionClosed:
            pass
        finally:
            self.ended = True
            async with self._came:
                self._came.notify_all()

    async def _send(self, packet: str) -> None:
        with suppress(ConnectionClosed):  # what waits for the answer sees that it has ended
            await self._connection.send(packet)

    async def _take(self, packet: str) -> None:
        if packet == "2":
            await self._send("3")
        digits = packet[2:].split("[", 1)[0]
        value = json.loads(packet[2 + len(digits) :]) if packet[:2] in ("42", "43") else []
        async with self._came:
            if not packet[:1].isdigit():
                self.strange = packet[:SHOWN]
            elif packet.startswith("40"):
                self.admitted = True
            elif packet.startswith("43"):
                self._answers[int(digits)] = value[0] if value else None
            elif packet.startswith("42"):
                self.events.append((value[0], value[1] if len(value) > 1 else None))
            self._came.notify_all()


@asynccontextmanager
async def member(
    port: int, room: str, name: str, *, link: Mapping[str, Any] | None = None
) -> AsyncIterator[Member]:
    """A member that has joined a room. `link`: what `websockets.connect` takes besides.

    Raises:
        WrongError: the server speaks no Socket.IO, or does not let the member in.
    """
    try:
        more = dict(link or {})
        scheme = "wss" if "ssl" in more else "ws"
        url = f"{scheme}://127.0.0.1:{port}{PATH}"
        connection = await connect(url, max_size=None, proxy=None, **more)
    except (OSError, WebSocketException) as error:
        got = str(error) or type(error).__name__
        what, clause = "no member can connect", "RFC 6455 4.2.2"
        ended = not isinstance(error, InvalidStatus)
        raise WrongError(what, "HTTP 101", got, clause, ended=ended) from None
    async with connection:
        one = Member(connection)
        await one.enter()
        reading = asyncio.create_task(one.read())
        try:
            what, clause = "no member is let in", "Socket.IO 5, Connection to a namespace"
            await one.until(lambda: one.admitted, what, "a packet 40", clause)
            one.joined = answer = await one.ask("join", room=room, name=name)
            if answer.get("type") != "joined":
                got = json.dumps(answer, ensure_ascii=False)
                raise WrongError("'join' is refused", '{"type":"joined"}', got, "chapter 5")
            yield one
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
