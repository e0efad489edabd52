"""A server with a script of actions, for testing the client that judges servers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

CLOSE = object()
"""Close the connection."""
SILENCE = object()
"""Send nothing, and keep the connection open."""


@asynccontextmanager
async def scripted(steps: Sequence[object]) -> AsyncIterator[int]:
    """Listen; at each thing that comes do the next step, and at the last of them stay there.

    A step is bytes to send, or a tuple of several things to do. Yields the port.
    """
    talking: set[asyncio.Task[None]] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talking.add(task)
        try:
            for step in steps:
                if not await reader.read(65536):
                    return
                for deed in step if isinstance(step, tuple) else (step,):
                    if deed is CLOSE:
                        return
                    if isinstance(deed, bytes):
                        writer.write(deed)
            await reader.read()
        finally:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
        server.close()
        for task in talking:
            task.cancel()
        await asyncio.gather(*talking, return_exceptions=True)
