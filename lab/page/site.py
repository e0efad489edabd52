"""The page's own server: its files, its control WebSocket, and who may have either.

    async with open_page(PageOptions()) as page:
        print(page.url)

Everything runs in this process: the rooms, the transports' servers, the links, the page.
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
from lab.contract import Heartbeat, ServeOptions, ServerTls, netloc
from lab.page import files, protocol
from lab.page.control import CLOSE_S, Control, ControlContext
from lab.page.cost import CostAnswers
from lab.page.link import Link
from lab.page.names import names_of, origins_of
from lab.page.presence import Attendance
from lab.page.race import Race, RaceError
from lab.page.servers import Servers
from lab.page.transports import survey
from lab.service import ChatService, new_rooms
from lab.tls.keys import key_file
from transports._shared.tls import scheme, server_context

HEARTBEAT_S = 20.0
FIELD_BYTES_MAX = 64 << 10
"""Cookies belong to a host whatever its port (RFC 6265 section 8.5): those of all programs of this
machine come in one field."""
CLOSING = "the lab is closing"


@dataclass(frozen=True)
class PageOptions:
    """How the page is to be served.

    `addresses`: those of this machine, where `host` is unspecified. `token`: what a page needs to
    know, None where it needs nothing. `offered`: names of transports, None for all. `say` prints a
    line on the terminal. `results`: where races are kept; `static`: where the built page is.
    `heartbeat`: of every transport. `chat`: the rooms; None: new ones, which end with the page.
    `tls`: the certificate of the page and of every transport; None without TLS.
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
    chat: ChatService | None = None
    tls: ServerTls | None = None

    @property
    def scheme(self) -> str:
        """The scheme of the page's address."""
        return scheme("http", self.tls)


class Page:
    """A page that is being served: `chat` on every transport, whose `servers` are behind links."""

    def __init__(
        self, options: PageOptions, chat: ChatService, context: ControlContext, port: int
    ) -> None:
        self.chat = chat
        self.servers = context.servers
        self._context = context
        self.host = names_of(options.host, options.addresses)[0]
        self.port = port
        self._token = options.token
        self._scheme = options.scheme

    @property
    def url(self) -> str:
        """The address for a browser."""
        query = "" if self._token is None else f"?token={quote(self._token, safe='')}"
        return f"{self._scheme}://{netloc(self.host, self.port)}/{query}"

    def links(self) -> list[Link]:
        """The links that all pages have open now."""
        return self._context.links()


@asynccontextmanager
async def open_page(options: PageOptions) -> AsyncIterator[Page]:
    """Serve the page until the context is left, which takes two seconds at most.

    Raises:
        OSError: the address can't be listened on.
    """
    names = names_of(options.host, options.addresses)
    with _listener(options.host, options.port) as listener, key_file() as secrets:
        port = listener.getsockname()[1]
        origins = origins_of(names, port, options.scheme)
        chat, attendance = options.chat or ChatService(new_rooms(Limits())), Attendance()
        served = ServeOptions(origins=origins, heartbeat=options.heartbeat, tls=options.tls)
        servers = Servers(chat, attendance, served, options.say, secrets)
        transports = survey(options.offered, over_tls=options.tls is not None)
        hello = protocol.Hello(protocol.VERSION, transports, chat.limits, options.token is not None)
        context = ControlContext(
            hello, servers, attendance, options.host, partial(_save, options.results)
        )
        site = _Site(options, names, origins, context)
        async with site.listening(listener):
            yield Page(options, chat, context, port)


async def _save(results: Path, race: Race) -> str:
    # This imports SciPy: a chat does not need to wait for it.
    from lab.page.store import keep  # noqa: PLC0415

    try:
        return await asyncio.to_thread(keep, race, results)
    except RaceError as error:
        raise protocol.RequestError("not_saved", str(error)) from error


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
        context: ControlContext,
    ) -> None:
        self._options = options
        self._names = names
        self._origins = origins
        self._context = context
        self._costs = CostAnswers(options.results)

    @asynccontextmanager
    async def listening(self, listener: socket.socket) -> AsyncIterator[None]:
        """Serve until the context is left."""
        app = web.Application(middlewares=[files.secured(self._names)])
        app.add_routes(
            [
                web.get("/", self._index),
                web.get("/control", self._control, allow_head=False),
                web.get("/cost", self._cost, allow_head=False),
                web.get("/{path:.+}", self._file),
            ]
        )
        app.on_shutdown.append(self._end)
        runner = web.AppRunner(
            app, access_log=None, shutdown_timeout=CLOSE_S, max_field_size=FIELD_BYTES_MAX
        )
        await runner.setup()
        try:
            await self._context.start()
            context = server_context(self._options.tls)
            await web.SockSite(runner, listener, ssl_context=context).start()
            yield
        finally:
            await runner.cleanup()

    async def _end(self, _app: web.Application) -> None:
        await self._context.end(CLOSING)

    async def _index(self, request: web.Request) -> web.StreamResponse:
        self._admit(request)
        return files.index(self._options.static)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        # What is built is no secret: the token guards the page that ties it together, and the chat.
        file = files.find(self._options.static, request.match_info["path"])
        if files.is_index(self._options.static, file):
            return await self._index(request)
        return files.response_with(file)

    async def _control(self, request: web.Request) -> web.StreamResponse:
        origin = request.headers.get("Origin")
        if origin is not None and origin not in self._origins:
            raise web.HTTPForbidden(text="a page of another Origin has no links here\n")
        self._admit(request)
        socket = web.WebSocketResponse(
            timeout=CLOSE_S,
            heartbeat=HEARTBEAT_S,
            compress=False,
            max_msg_size=protocol.MESSAGE_BYTES_MAX,
        )
        await socket.prepare(request)
        host = files.host_of(request)
        await self._context.run(Control(self._context, socket, host, request.remote or ""))
        return socket

    async def _cost(self, request: web.Request) -> web.StreamResponse:
        self._admit(request)
        return await self._costs.answer(request.query)

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
