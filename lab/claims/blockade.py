"""Among the claims: a proxy that lets HTTP pass and refuses WebSocket, as some networks do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress

UPGRADE = b"upgrade: websocket"
REFUSAL = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
READ_BYTES = 1 << 16


@asynccontextmanager
async def blockade(target_port: int) -> AsyncIterator[int]:
    """A proxy to `target_port` on this machine; gives the port that it listens at.

    An opening handshake (RFC 6455 section 4.1) is answered with 403 and goes no further. A client
    sends it in one piece and waits for the answer, so that it is looked for in each piece alone.
    """
    talks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.ensure_future(_relay(reader, writer, target_port))
        talks.add(talk)
        talk.add_done_callback(talks.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for talk in list(talks):
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
        await server.wait_closed()


async def _relay(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target_port: int
) -> None:
    with closing(writer), suppress(OSError):
        behind, beyond = await asyncio.open_connection("127.0.0.1", target_port)
        with closing(beyond):
            down = asyncio.ensure_future(_carry(behind, writer))
            try:
                await _carry(reader, beyond, writer)
            finally:
                down.cancel()


async def _carry(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    refused: asyncio.StreamWriter | None = None,
) -> None:
    """Carry until either end is gone, or until a handshake has been refused."""
    with suppress(OSError):
        while data := await reader.read(READ_BYTES):
            if refused is not None and UPGRADE in data.lower():
                refused.write(REFUSAL)
                await refused.drain()
                return
            writer.write(data)
            await writer.drain()
        writer.write_eof()
