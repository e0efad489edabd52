"""Runs a relay in its own process, so that its CPU can be measured separately.

In other measurements the relay shares the load's process. Here its own cost is measured.
"""

from __future__ import annotations

import asyncio
import os
import signal
from multiprocessing.connection import Connection as Pipe
from typing import Self

import msgspec

from lab.contract import Address
from lab.load.child import Child
from lab.measure import collector
from lab.relay.relay import Chunk, Relay

READY_S = 20.0


class RelayApart(Child):
    """A relay to `address`, in a process that ends with this context.

    `tapping`: it keeps the bytes.

    Raises (on entry): TimeoutError if it is not ready in time, EOFError if it has ended.
    """

    def __init__(self, address: Address, *, tapping: bool) -> None:
        super().__init__(_main, address.host, address.port, tapping)
        self._target = address
        self.address = address
        """The target's address through the relay."""

    def __enter__(self) -> Self:
        super().__enter__()
        try:
            if not self._pipe.poll(READY_S):
                raise TimeoutError(f"the relay was not ready within {READY_S:g} s")
            self.address = _at(self._target, self._pipe.recv())
        except BaseException:
            self._end()
            raise
        return self


def _at(target: Address, port: int) -> Address:
    """The same server at another port."""
    old, new = f":{target.port}", f":{port}"
    websocket = target.websocket_url
    return msgspec.structs.replace(
        target,
        url=target.url.replace(old, new, 1),
        port=port,
        websocket_url=websocket.replace(old, new, 1) if websocket else None,
    )


def _main(pipe: Pipe, host: str, port: int, tapping: bool) -> None:
    """The relay's process."""
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # the parent handles Ctrl-C, and then ends this process
    collector.calm()
    asyncio.run(_relay(pipe, host, port, tapping))


async def _relay(pipe: Pipe, host: str, port: int, tapping: bool) -> None:
    """Run until the parent is gone."""
    chunks: list[Chunk] = []
    async with Relay(host, port, tap=chunks.append if tapping else None) as relay:
        pipe.send(relay.port)
        try:
            await asyncio.to_thread(pipe.recv)
        except EOFError:
            os._exit(0)
