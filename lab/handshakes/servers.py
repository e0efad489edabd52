"""Among the handshakes: the servers that are asked. Each wire's own, and a library all alone.

The lab's Socket.IO wires look at a handshake before python-engineio makes a session for it. What
the library does by itself is shown by a server that consists of nothing but the library.
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
UNHEARD = logging.getLogger("lab.handshakes.unheard")
UNHEARD.propagate = False
for _logger in (UNHEARD, logging.getLogger("aiohttp.server")):
    # Each refusal would be a line in the terminal, and many a traceback.
    _logger.addHandler(logging.NullHandler())


@dataclass(frozen=True)
class Listening:
    """A server that runs. `sessions`: how many it holds, where it tells."""

    host: str
    port: int
    opening: Opening
    sessions: Callable[[], int] | None = None


@dataclass(frozen=True)
class Subject:
    """A server that can be asked. `websocket`: it claims to answer opening handshakes."""

    name: str
    library: str
    websocket: bool
    serve: Callable[[], AbstractAsyncContextManager[Listening]]


def of_wire(wire: Transport) -> Subject:
    """The server of a wire that has a socket."""
    return Subject(
        name=wire.name,
        library=str(wire.stack().server),
        websocket=Capability.WEBSOCKET in wire.capabilities,
        serve=partial(_serve, wire),
    )


@asynccontextmanager
async def _serve(wire: Transport) -> AsyncIterator[Listening]:
    async with wire.serve(ChatService(), ServeOptions()) as server:
        address = server.address
        # What a server in another program holds can't be asked in the same moment.
        sessions = server.sessions if address.pid is None else None
        opening = await opening_of(wire, address)
        yield Listening(address.host, address.port, opening, sessions)


def alone() -> list[Subject]:
    """The libraries by themselves."""
    library = f"python-socketio {version('python-socketio')}"
    return [Subject("python-socketio alone", library, True, _python_socketio)]


@asynccontextmanager
async def _python_socketio() -> AsyncIterator[Listening]:
    async with python_socketio() as (server, port):
        url = f"ws://{netloc(HOST, port)}/socket.io/?EIO=4&transport=websocket"
        yield Listening(HOST, port, Opening(handshake(url)), lambda: len(server.eio.sockets))


@asynccontextmanager
async def python_socketio(**options: Any) -> AsyncIterator[tuple[socketio.AsyncServer, int]]:
    """python-socketio on aiohttp as its documentation begins: nothing added, set only `options`.

    Yields the server and its port.
    """
    server = socketio.AsyncServer(
        async_mode="aiohttp", logger=UNHEARD, engineio_logger=UNHEARD, **options
    )
    tasks = _tasks_of(server.eio)
    app = web.Application()
    server.attach(app)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1, logger=UNHEARD)
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
    """The tasks that the library will begin; it ends none of them by itself."""
    tasks: list[asyncio.Task[Any]] = []
    begin = engine.start_background_task

    def noted(*args: Any, **kwargs: Any) -> asyncio.Task[Any]:
        tasks.append(begin(*args, **kwargs))
        return tasks[-1]

    engine.start_background_task = noted
    return tasks
