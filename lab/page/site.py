"""The page's own server: its files, its control WebSocket, and who may have either.

    async with open_page(PageOptions()) as page:
        print(page.url)

Everything runs in this process: the rooms, the wires' servers, the lines, the page.
"""

from __future__ import annotations

import asyncio
import hmac
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import quote

from aiohttp import web

from lab.chat.limits import Limits
from lab.chat.rooms import Rooms
from lab.contract import Heartbeat, ServeOptions, netloc
from lab.page import files, protocol
from lab.page.control import GOODBYE_S, Control, Surroundings
from lab.page.line import Line
from lab.page.names import host_named, names_of, origins_of
from lab.page.presence import Attendance
from lab.page.race import Race, RaceError
from lab.page.servers import Servers
from lab.page.wires import survey
from lab.service import ChatService

HEARTBEAT_S = 20.0
CLOSING = "the lab is closing"


@dataclass(frozen=True)
class PageOptions:
    """How the page is to be served.

    `addresses`: this machine's, where `host` is none in particular. `token`: what a page has to
    know, None where everybody may have it. `offered`: names of wires, None for all. `say` tells the
    terminal. `results`: where races are kept; `static`: where the built page is. `heartbeat`: of
    every wire.
    """

    host: str = "127.0.0.1"
    port: int = 0
    addresses: tuple[str, ...] = ()
    token: str | None = None
    offered: tuple[str, ...] | None = None
    results: Path = Path("results")
    static: Path = files.STATIC
    heartbeat: Heartbeat = field(default_factory=Heartbeat)
    say: Callable[[str], None] = print


class Page:
    """A page that is being served: `chat` on every wire, whose `servers` are behind the lines."""

    def __init__(
        self, options: PageOptions, chat: ChatService, around: Surroundings, port: int
    ) -> None:
        self.chat = chat
        self.servers = around.servers
        self._around = around
        self.host = names_of(options.host, options.addresses)[0]
        self.port = port
        self._token = options.token

    @property
    def url(self) -> str:
        """What a browser is given."""
        query = "" if self._token is None else f"?token={quote(self._token, safe='')}"
        return f"http://{netloc(self.host, self.port)}/{query}"

    def lines(self) -> list[Line]:
        """The lines that are open now, of everybody who has the page."""
        return self._around.lines()


@asynccontextmanager
async def open_page(options: PageOptions) -> AsyncIterator[Page]:
    """Serve the page until the context is left, which takes two seconds at most.

    Raises:
        OSError: the address can't be listened on.
    """
    names = names_of(options.host, options.addresses)
    with _listener(options.host, options.port) as listener:
        port = listener.getsockname()[1]
        origins = origins_of(names, port)
        chat, attendance = ChatService(Rooms(Limits())), Attendance()
        served = ServeOptions(origins=origins, heartbeat=options.heartbeat)
        servers = Servers(chat, attendance, served, options.say)
        wires = survey(options.offered)
        hello = protocol.Hello(protocol.VERSION, wires, chat.limits, options.token is not None)
        around = Surroundings(
            hello, servers, attendance, options.host, partial(_save, options.results)
        )
        site = _Site(options, names, origins, around)
        async with site.listening(listener):
            yield Page(options, chat, around, port)


async def _save(results: Path, race: Race) -> str:
    # SciPy comes with it, for which nobody who only chats should have to wait.
    from lab.page.keep import keep  # noqa: PLC0415

    try:
        return await asyncio.to_thread(keep, race, results)
    except RaceError as error:
        raise protocol.AskError("not_saved", str(error)) from error


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=128)


class _Site:
    """What is served, and to whom."""

    def __init__(
        self,
        options: PageOptions,
        names: tuple[str, ...],
        origins: tuple[str, ...],
        around: Surroundings,
    ) -> None:
        self._options = options
        self._names = names
        self._origins = origins
        self._around = around

    @asynccontextmanager
    async def listening(self, listener: socket.socket) -> AsyncIterator[None]:
        """Serve until the context is left."""
        app = web.Application(middlewares=[files.secured(self._names)])
        app.add_routes(
            [
                web.get("/", self._index),
                web.get("/control", self._control, allow_head=False),
                web.get("/{path:.+}", self._file),
            ]
        )
        app.on_shutdown.append(self._end)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=GOODBYE_S)
        await runner.setup()
        try:
            await self._around.start()
            await web.SockSite(runner, listener).start()
            yield
        finally:
            await runner.cleanup()

    async def _end(self, _app: web.Application) -> None:
        await self._around.end(CLOSING)

    async def _index(self, request: web.Request) -> web.StreamResponse:
        self._admit(request)
        return files.index(self._options.static)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        # What is built is no secret: the token guards the page that ties it together, and the chat.
        return files.file(self._options.static, request.match_info["path"])

    async def _control(self, request: web.Request) -> web.StreamResponse:
        origin = request.headers.get("Origin")
        if origin is not None and origin not in self._origins:
            raise web.HTTPForbidden(text="a page of another Origin has no lines here\n")
        self._admit(request)
        socket = web.WebSocketResponse(
            timeout=GOODBYE_S,
            heartbeat=HEARTBEAT_S,
            compress=False,
            max_msg_size=protocol.MESSAGE_BYTES_MAX,
        )
        await socket.prepare(request)
        host = host_named(request.headers["Host"])
        await self._around.run(Control(self._around, socket, host, request.remote or ""))
        return socket

    def _admit(self, request: web.Request) -> None:
        """Raises HTTPForbidden where the token is missing or wrong."""
        token = self._options.token
        if token is None:
            return
        given = request.query.get("token", "")
        if not hmac.compare_digest(given.encode(), token.encode()):
            raise web.HTTPForbidden(
                text="open the whole address that `lab chat` has printed, its ?token= included\n"
            )
