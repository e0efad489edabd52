"""One page's control connection: it answers requests in order, and reports what changes."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from contextlib import suppress

import msgspec
from aiohttp import WSCloseCode, WSMsgType, web

from lab.page import protocol
from lab.page.link import GRACE_S, Link
from lab.page.presence import Attendance
from lab.page.protocol import PageRequest, RequestError, ServerMessage, TransportInfo
from lab.page.race import Race
from lab.page.servers import Servers

TICK_S = 0.1
CLOSE_S = 1.0
"""How long a page has to answer a close frame."""
LINKS_MAX = 64
"""Links of one page: one to every transport in the chat, and in a race at the same time."""


class ControlContext:
    """What all control connections of a server have in common.

    `host` is where links listen; `save` keeps a race and returns its run's name,
    or raises RequestError.
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
        self._closing: dict[asyncio.Task[None], Link] = {}

    def transport(self, name: str) -> TransportInfo:
        """The transport of that name. Raises RequestError where it can't be joined."""
        for transport in self.hello.transports:
            if transport.name == name:
                if transport.reason is not None:
                    raise RequestError("unavailable", f"{name} can't be joined: {transport.reason}")
                return transport
        names = ", ".join(
            transport.name for transport in self.hello.transports if transport.available
        )
        raise RequestError("no_transport", f"there is no transport {name!r}; there are {names}")

    def links(self) -> list[Link]:
        """The links that pages have open now."""
        return [link for control in self._controls for link in control.links.values()]

    def close(self, link: Link) -> None:
        """Let a link end by itself, a little later."""
        task = asyncio.create_task(link.close(GRACE_S))
        self._closing[task] = link
        task.add_done_callback(self._closing.pop)

    async def run(self, control: Control) -> None:
        """Serve one page to its end."""
        self._controls.add(control)
        try:
            await control.run()
        finally:
            self._controls.discard(control)

    async def start(self) -> None:
        """Serve the transports. Raises OSError."""
        await self.servers.start(
            transport.name for transport in self.hello.transports if transport.available
        )

    async def end(self, reason: str) -> None:
        """Close everything: servers and control connections in order, then the links."""
        controls = list(self._controls)
        closing = (control.close(reason) for control in controls)
        await asyncio.gather(self.servers.close(), *closing)
        for control in controls:
            await control.drop_links()
        for task, link in list(self._closing.items()):
            task.cancel()
            await link.close()


class Control:
    """From the page's handshake to its end. `host`: what the page calls this machine."""

    def __init__(
        self, context: ControlContext, socket: web.WebSocketResponse, host: str, peer: str
    ) -> None:
        self._context = context
        self._socket = socket
        self._host = host
        self._peer = peer
        self._numbers = itertools.count(1)
        self.links: dict[str, Link] = {}
        """The page's own, by name."""

    async def run(self) -> None:
        """Say hello, answer until the page is gone, and let its links end."""
        await self._send(self._context.hello)
        watcher = self._context.attendance.watch()
        try:
            async with asyncio.TaskGroup() as tasks:
                sending = tasks.create_task(self._send_news(watcher))
                await self._answer_all()
                sending.cancel()
        finally:
            self._context.attendance.unwatch(watcher)
            for link in self.links.values():
                self._context.close(link)

    async def close(self, reason: str) -> None:
        """Close it from this side, without waiting for a page that does not read."""
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                for name in self.links:
                    await self._send(protocol.Closed(name, reason))
                await self._socket.close(code=WSCloseCode.GOING_AWAY, message=reason.encode())

    async def drop_links(self) -> None:
        """End its links at once."""
        while self.links:
            _, link = self.links.popitem()
            await link.close()

    async def _answer_all(self) -> None:
        async for message in self._socket:
            if message.type is WSMsgType.TEXT:
                await self._send_text(await self._answer(message.data))
            elif message.type is WSMsgType.BINARY:
                await self._send(protocol.Failed(None, "bad_message", "messages are JSON texts"))

    async def _answer(self, text: str) -> str:
        try:
            request = protocol.decode(text)
            return protocol.done(request, **await self._carry_out(request))
        except RequestError as error:
            return protocol.encode(protocol.Failed(protocol.id_of(text), error.code, str(error)))

    async def _carry_out(self, request: PageRequest) -> dict[str, object]:
        match request:
            case protocol.OpenLink(transport=transport):
                return await self._open(transport)
            case protocol.CloseLink(line=name):
                self._context.close(self._link(name))
                del self.links[name]
            case protocol.EmulateNetwork(line=name, network=network):
                return {"network": self._link(name).emulate(network)}
            case protocol.StallLink(line=name, on=on):
                self._link(name).stall(on)
            case protocol.CutLink(line=name, how=how):
                return {"cut": self._link(name).cut(how)}
            case protocol.Inspect(line=name, on=on):
                self._link(name).inspect(on)
            case protocol.ReadClock(line=name):
                return {"at_ms": self._link(name).now_ms}
            case protocol.ShowBytes(line=name, record=number):
                return msgspec.structs.asdict(self._link(name).detail(number))
            case protocol.ExportLink(line=name, form=form):
                text, complete = await self._link(name).export(form)
                return {"text": text, "complete": complete}
            case protocol.SaveRace(race=race):
                return {"run": await self._context.save(race)}
        return {}

    async def _open(self, transport: str) -> dict[str, object]:
        info = self._context.transport(transport)
        name = info.name
        if len(self.links) >= LINKS_MAX:
            raise RequestError(
                "too_many_lines", f"a page has {LINKS_MAX} links at most: close some"
            )
        try:
            address = await self._context.servers.address(name)
            context, key = self._context, f"k{next(self._numbers)}"
            link = Link(key, info, address, context.host, self._peer, context.servers.keys)
            await link.open()
        except OSError as error:
            raise RequestError("unavailable", f"{name} can't be served: {error}") from error
        self.links[link.name] = link
        return {"line": link.name, "url": link.url(self._host)}

    def _link(self, name: str) -> Link:
        if name not in self.links:
            raise RequestError(
                "no_line", f"there is no link {name!r}: it was closed, or never opened"
            )
        return self.links[name]

    async def _send_news(self, changed: set[str]) -> None:
        while True:
            for room in [changed.pop() for _ in range(len(changed))]:
                await self._send(self._presence(room))
            for link in list(self.links.values()):
                for news in link.news():
                    await self._send(news)
            await asyncio.sleep(TICK_S)

    def _presence(self, room: str) -> protocol.Presence:
        members = self._context.attendance.members(room)
        return protocol.Presence(room, [protocol.PresentMember(*member) for member in members])

    async def _send(self, message: ServerMessage) -> None:
        await self._send_text(protocol.encode(message))

    async def _send_text(self, text: str) -> None:
        # A page that has gone is noticed where its messages are read.
        if not self._socket.closed:
            try:
                await self._socket.send_str(text)
            except ConnectionError:
                return
