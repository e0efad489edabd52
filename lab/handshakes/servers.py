"""The servers that get the handshakes: those of the transports, and libraries alone.

The lab's Socket.IO transports check a handshake before python-engineio makes a session for it. A
server that consists of the library alone shows what the library does by itself.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from typing import Any

import socketio
from aiohttp import web

from lab.contract import Capability, ServeOptions, Transport, netloc
from lab.handshakes.opening import Opening, opening_of
from lab.handshakes.request import handshake
from lab.service import ChatService

HOST = "127.0.0.1"
SILENT_LOGGER = logging.getLogger("lab.handshakes.silent")
SILENT_LOGGER.propagate = False
for _logger in (SILENT_LOGGER, logging.getLogger("aiohttp.server")):
    # Each refusal would print a line, and many a traceback, in the terminal.
    _logger.addHandler(logging.NullHandler())


@dataclass(frozen=True)
class Listening:
    """A running server. `sessions`: the number of its sessions, where it can tell."""

    host: str
    port: int
    opening: Opening
    sessions: Callable[[], int] | None = None


@dataclass(frozen=True)
class Subject:
    """A server to test. `websocket`: it claims to answer opening handshakes."""

    name: str
    library: str
    websocket: bool
    serve: Callable[[], AbstractAsyncContextManager[Listening]]


def of_transport(transport: Transport) -> Subject:
    """Return the server of a transport that has a socket."""
    return Subject(
        name=transport.name,
        library=str(transport.stack().server),
        websocket=Capability.WEBSOCKET in transport.capabilities,
        serve=partial(_serve, transport),
    )


@asynccontextmanager
async def _serve(transport: Transport) -> AsyncIterator[Listening]:
    async with transport.serve(ChatService(), ServeOptions()) as server:
        address = server.address
        # The sessions of a server in another process cannot be read at the same moment.
        sessions = server.sessions if address.pid is None else None
        opening = await opening_of(transport, address)
        yield Listening(address.host, address.port, opening, sessions)


def alone() -> list[Subject]:
    """Return the servers that consist of a library alone."""
    library = f"python-socketio {version('python-socketio')}"
    return [Subject("python-socketio alone", library, True, _python_socketio)]


@asynccontextmanager
async def _python_socketio() -> AsyncIterator[Listening]:
    async with python_socketio() as (server, port):
        url = f"ws://{netloc(HOST, port)}/socket.io/?EIO=4&transport=websocket"
        yield Listening(HOST, port, Opening(handshake(url)), lambda: len(server.eio.sockets))


@asynccontextmanager
async def python_socketio(**options: Any) -> AsyncIterator[tuple[socketio.AsyncServer, int]]:
    """Run python-socketio on aiohttp as in its documentation, with nothing but `options` set.

    Yields the server and its port.
    """
    server = socketio.AsyncServer(
        async_mode="aiohttp", logger=SILENT_LOGGER, engineio_logger=SILENT_LOGGER, **options
    )
    tasks = _tasks_of(server.eio)
    app = web.Application()
    server.attach(app)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1, logger=SILENT_LOGGER)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, 0).start()
        yield server, runner.addresses[0][1]
    finally:
        await runner.cleanup()
        await server.shutdown()
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)


def _tasks_of(engine: Any) -> list[asyncio.Task[Any]]:
    """Collect the tasks that the library starts; the library itself ends none of them."""
    tasks: list[asyncio.Task[Any]] = []
    begin = engine.start_background_task

    def noted(*args: Any, **kwargs: Any) -> asyncio.Task[Any]:
        tasks.append(begin(*args, **kwargs))
        return tasks[-1]

    engine.start_background_task = noted
    return tasks
