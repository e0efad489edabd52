"""The server writes nothing to its stderr about a client's mistakes.

If it wrote a traceback for each mistake, any client could fill its disk.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import IO
from urllib.parse import urlsplit

import pytest

from lab.contract import Capability, ConnectOptions, Transport
from lab.handshakes.request import HANDSHAKE
from tests.conformance import engineio, raw
from tests.conformance.client import PATIENCE_S, in_time
from tests.conformance.raw import TEXT, frame

pytestmark = pytest.mark.needs(Capability.HTTP_1)

FLOOD = 20_000
READING_S = 0.3
"""How long an answer is read: some mistakes get none before the server's own time-out."""


@dataclass(frozen=True, slots=True)
class Target:
    """A server in its own process: its address, and a path that it serves."""

    url: str
    host: str
    port: int
    path: str

    def request(self, method: str = "GET", *fields: str, body: bytes = b"") -> bytes:
        """A request with these fields after its Host."""
        lines = [f"{method} {self.path} HTTP/1.1", f"Host: {self.host}:{self.port}", *fields]
        return "\r\n".join([*lines, "", ""]).encode() + body

    def upgrade(self) -> bytes:
        """An opening handshake."""
        return self.request("GET", *(f"{name}: {value}" for name, value in HANDSHAKE.items()))


MISTAKES: dict[str, Callable[[Target], bytes]] = {
    "a header that is too long": lambda to: to.request("GET", "X: " + "x" * 100_000),
    "a target that is too long": lambda to: to.request().replace(b" /", b" /" + b"x" * 100_000, 1),
    "half a head": lambda to: to.request()[:-10],
    "half a body": lambda to: to.request("POST", "Content-Length: 100", body=b"half"),
    "a length that is none": lambda to: to.request("POST", "Content-Length: x", body=b"half"),
    "a method that is none": lambda to: to.request("G(T"),
    "a name that is none": lambda to: to.request("GET", "X(Y): 1"),
    "gzip that is none": lambda to: to.request(
        "POST", "Content-Encoding: gzip", "Content-Length: 7", body=b"no gzip"
    ),
    "a TLS greeting": lambda to: b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64),
    "no HTTP": lambda to: b"\0" * 1000 + b"\r\n\r\n",
    "a handshake without a key": lambda to: to.upgrade().replace(b"Sec-WebSocket-Key", b"Key"),
    "a frame without a mask": lambda to: to.upgrade() + frame(TEXT, b"{}", masked=False),
    "a frame with reserved bits": lambda to: to.upgrade() + frame(TEXT, b"{}", first=0xF0),
    "text that is no UTF-8": lambda to: to.upgrade() + frame(TEXT, b"\xff\xfe"),
    "text that is no command": lambda to: to.upgrade() + frame(TEXT, b"nonsense") * 3,
}


@asynccontextmanager
async def serving(transport: Transport, stderr: IO[bytes]) -> AsyncIterator[Target]:
    """Run `lab serve`, with its stderr in this file."""
    command = (sys.executable, "-m", "lab.cli", "serve", transport.name)
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=stderr
    )
    try:
        assert process.stdout is not None
        url = json.loads(await in_time(process.stdout.readline()))["url"]
        parts = urlsplit(url)
        assert parts.hostname and parts.port
        engine = Capability.ENGINE_IO in transport.capabilities
        kind = "websocket" if Capability.WEBSOCKET in transport.capabilities else "polling"
        path = f"/socket.io/?EIO=4&transport={kind}" if engine else parts.path or "/"
        yield Target(url, parts.hostname, parts.port, path)
    finally:
        process.terminate()
        await in_time(process.wait())


async def make(mistake: bytes, target: Target) -> None:
    """Send the mistake, read the first answer, and hang up without reading more."""
    with suppress(OSError):
        async with raw.dial(target.host, target.port) as connection:
            connection.send(mistake)
            with suppress(TimeoutError):
                async with asyncio.timeout(READING_S):
                    await connection.rest()


async def flood_and_hang_up(target: Target) -> None:
    """Send many commands, and hang up at the first answer."""
    async with raw.dial(target.host, target.port) as connection:
        connection.send(target.upgrade())
        assert await connection.answered() == 101
        connection.send(frame(TEXT, b"40") + frame(TEXT, b'421["x"]') * FLOOD)
        await in_time(anext(connection.texts()))


async def post_to_ended_session(target: Target) -> None:
    """POST a command to an ended session, alone and after its CLOSE packet."""
    address = _Address(target.host, target.port)
    async with engineio.in_posts(address) as session:  # type: ignore[arg-type]
        await session.enter()
        await session.post("1", '427["rooms",{}]')
        await session.post('428["rooms",{}]')
        await session.poll()


@dataclass(frozen=True, slots=True)
class _Address:
    host: str
    port: int


async def test_a_client_s_mistakes_are_not_on_stderr(transport: Transport) -> None:
    with tempfile.TemporaryFile() as stderr:
        async with serving(transport, stderr) as target:
            said = stderr.seek(0, os.SEEK_END)  # what is said of the transport itself
            for mistake in MISTAKES.values():
                await make(mistake(target), target)
            if Capability.WEBSOCKET in transport.capabilities:
                await flood_and_hang_up(target)
            if {Capability.DEFAULT_PARSER, Capability.HTTP_SESSION} <= transport.capabilities:
                await post_to_ended_session(target)
            options = ConnectOptions(timeout_s=PATIENCE_S)
            client = await transport.connect(target.url, lambda _event: None, options)
            assert await in_time(client.join("den", "ann"))
            await client.close()
        stderr.seek(said)
        assert stderr.read().decode() == ""
