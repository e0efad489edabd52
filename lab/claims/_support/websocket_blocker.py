"""A proxy that passes HTTP and refuses WebSocket, as some networks do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress

UPGRADE = b"upgrade: websocket"
REFUSAL = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
READ_BYTES = 1 << 16


@asynccontextmanager
async def websocket_blocker(target_port: int) -> AsyncIterator[int]:
    """Run a proxy to `target_port` on this machine; yield the port on which it listens.

    It answers an opening handshake (RFC 6455 section 4.1) with 403 and does not pass it on. A
    client sends the handshake in one piece and waits, so each piece is searched on its own.
    """
    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(_relay(reader, writer, target_port))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
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
    """Copy bytes until one end closes, or until a handshake has been refused."""
    with suppress(OSError):
        while data := await reader.read(READ_BYTES):
            if refused is not None and UPGRADE in data.lower():
                refused.write(REFUSAL)
                await refused.drain()
                return
            writer.write(data)
            await writer.drain()
        writer.write_eof()
