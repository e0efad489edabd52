"""An echo on python-socketio under uvicorn. Prints its port."""

from __future__ import annotations

import socket
from typing import Any

import socketio
import uvicorn

server = socketio.AsyncServer(async_mode="asgi")


async def message(_sid: str, *said: Any) -> tuple[Any, ...]:
    """Acknowledge an event with its arguments."""
    return said


server.on("message", message)


with socket.create_server(("127.0.0.1", 0)) as listening:
    print(listening.getsockname()[1], flush=True)
    config = uvicorn.Config(socketio.ASGIApp(server), log_level="critical", lifespan="off")
    uvicorn.Server(config).run(sockets=[listening])
