"""One page's control connection: its asks answered in their order, and told what changes."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from contextlib import suppress

from aiohttp import WSCloseCode, WSMsgType, web

from lab.page import protocol
from lab.page.line import GRACE_S, Line
from lab.page.presence import Attendance
from lab.page.protocol import Ask, AskError, Told, WireInfo
from lab.page.race import Race
from lab.page.servers import Servers

TICK_S = 0.1
GOODBYE_S = 1.0
"""How long a page has to answer a goodbye."""
LINES_MAX = 64
"""Lines of one page: every wire's in the chat, and in a race at the same time."""


class Surroundings:
    """What all control connections of a server have in common.

    `host` is where lines listen; `save` keeps a race and returns its run's name,
    or raises AskError.
    """

    def __init__(
        self,
        hello: protocol.Hello,
        servers: Servers,
        attendance: Attendance,
        host: str,
        save: Callable[[Race], Awaitable[str]],
    ) -> None:
        self.hello = hello
        self.servers = servers
        self.attendance = attendance
        self.host = host
        self.save = save
        self._controls: set[Control] = set()
        self._closing: dict[asyncio.Task[None], Line] = {}

    def wire(self, name: str) -> WireInfo:
        """The wire of that name. Raises AskError where it can't be joined."""
        for wire in self.hello.wires:
            if wire.name == name:
                if wire.reason is not None:
                    raise AskError("unavailable", f"{name} can't be joined: {wire.reason}")
                return wire
        names = ", ".join(wire.name for wire in self.hello.wires if wire.available)
        raise AskError("no_wire", f"there is no wire {name!r}; there are {names}")

    def lines(self) -> list[Line]:
        """The lines that pages have open now."""
        return [line for control in self._controls for line in control.lines.values()]

    def close(self, line: Line) -> None:
        """Let a line end by itself, a little later."""
        task = asyncio.create_task(line.close(GRACE_S))
        self._closing[task] = line
        task.add_done_callback(self._closing.pop)

    async def run(self, control: Control) -> None:
        """Serve one page to its end."""
        self._controls.add(control)
        try:
            await control.run()
        finally:
            self._controls.discard(control)

    async def start(self) -> None:
        """Serve the wires. Raises OSError."""
        await self.servers.start(wire.name for wire in self.hello.wires if wire.available)

    async def end(self, reason: str) -> None:
        """End all: servers and control connections with their goodbyes, then the lines."""
        controls = list(self._controls)
        goodbyes = (control.say_goodbye(reason) for control in controls)
        await asyncio.gather(self.servers.close(), *goodbyes)
        for control in controls:
            await control.drop_lines()
        for task, line in list(self._closing.items()):
            task.cancel()
            await line.close()


class Control:
    """From the page's handshake to its goodbye. `host`: what the page calls this machine."""

    def __init__(
        self, around: Surroundings, socket: web.WebSocketResponse, host: str, peer: str
    ) -> None:
        self._around = around
        self._socket = socket
        self._host = host
        self._peer = peer
        self._numbers = itertools.count(1)
        self.lines: dict[str, Line] = {}
        """The page's own, by name."""

    async def run(self) -> None:
        """Say hello, answer until the page is gone, and let its lines end."""
        await self._tell(self._around.hello)
        watcher = self._around.attendance.watch()
        try:
            async with asyncio.TaskGroup() as tasks:
                telling = tasks.create_task(self._tell_news(watcher))
                await self._answer_all()
                telling.cancel()
        finally:
            self._around.attendance.unwatch(watcher)
            for line in self.lines.values():
                self._around.close(line)

    async def say_goodbye(self, reason: str) -> None:
        """Close it from this side, without waiting for a page that does not read."""
        with suppress(TimeoutError):
            async with asyncio.timeout(GOODBYE_S):
                for name in self.lines:
                    await self._tell(protocol.Closed(name, reason))
                await self._socket.close(code=WSCloseCode.GOING_AWAY, message=reason.encode())

    async def drop_lines(self) -> None:
        """End its lines at once."""
        while self.lines:
            _, line = self.lines.popitem()
            await line.close()

    async def _answer_all(self) -> None:
        async for message in self._socket:
            if message.type is WSMsgType.TEXT:
                await self._say(await self._answer(message.data))
            elif message.type is WSMsgType.BINARY:
                await self._tell(protocol.Failed(None, "bad_message", "messages are JSON texts"))

    async def _answer(self, text: str) -> str:
        try:
            ask = protocol.decode(text)
            return protocol.done(ask, **await self._fulfil(ask))
        except AskError as error:
            return protocol.encode(protocol.Failed(protocol.id_of(text), error.code, str(error)))

    async def _fulfil(self, ask: Ask) -> dict[str, object]:
        match ask:
            case protocol.OpenLine(wire=wire):
                return await self._open(wire)
            case protocol.CloseLine(line=name):
                self._around.close(self._line(name))
                del self.lines[name]
            case protocol.BendLine(line=name, network=bend):
                return {"network": self._line(name).bend(bend)}
            case protocol.StallLine(line=name, on=on):
                self._line(name).stall(on)
            case protocol.CutLine(line=name, how=how):
                return {"cut": self._line(name).cut(how)}
            case protocol.Inspect(line=name, on=on):
                self._line(name).inspect(on)
            case protocol.Bytes(line=name, record=number):
                return {"rows": self._line(name).rows(number)}
            case protocol.SaveRace(race=race):
                return {"run": await self._around.save(race)}
        return {}

    async def _open(self, wire: str) -> dict[str, object]:
        name = self._around.wire(wire).name
        if len(self.lines) >= LINES_MAX:
            raise AskError("too_many_lines", f"a page has {LINES_MAX} lines at most: close some")
        try:
            address = await self._around.servers.address(name)
            line = Line(f"k{next(self._numbers)}", name, address, self._around.host, self._peer)
            await line.open()
        except OSError as error:
            raise AskError("unavailable", f"{name} can't be served: {error}") from error
        self.lines[line.name] = line
        return {"line": line.name, "url": line.url(self._host)}

    def _line(self, name: str) -> Line:
        if name not in self.lines:
            raise AskError("no_line", f"there is no line {name!r}: it was closed, or never opened")
        return self.lines[name]

    async def _tell_news(self, changed: set[str]) -> None:
        while True:
            for room in [changed.pop() for _ in range(len(changed))]:
                await self._tell(self._presence(room))
            for line in list(self.lines.values()):
                for news in line.news():
                    await self._tell(news)
            await asyncio.sleep(TICK_S)

    def _presence(self, room: str) -> protocol.Presence:
        members = self._around.attendance.members(room)
        return protocol.Presence(room, [protocol.Standing(*member) for member in members])

    async def _tell(self, told: Told) -> None:
        await self._say(protocol.encode(told))

    async def _say(self, text: str) -> None:
        # A page that has gone is noticed where its messages are read.
        if not self._socket.closed:
            try:
                await self._socket.send_str(text)
            except ConnectionError:
                return
