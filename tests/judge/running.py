"""A server in a thread of its own, for a command that runs an event loop itself."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from queue import SimpleQueue
from threading import Thread


@contextmanager
def running(server: AbstractAsyncContextManager[int]) -> Iterator[int]:
    """Run a server; gives its port."""
    ports: SimpleQueue[int] = SimpleQueue()
    ends: SimpleQueue[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = SimpleQueue()

    async def main() -> None:
        end = asyncio.Event()
        async with server as port:
            ends.put((asyncio.get_running_loop(), end))
            ports.put(port)
            await end.wait()

    thread = Thread(target=lambda: asyncio.run(main()))
    thread.start()
    try:
        yield ports.get(timeout=30)
    finally:
        loop, end = ends.get(timeout=30)
        loop.call_soon_threadsafe(end.set)
        thread.join()
