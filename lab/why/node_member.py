"""A member of the room in Node: `ws`, or socket.io-client."""

from __future__ import annotations

import asyncio
import json
import os
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lab.contract import Capability, Transport
from lab.interop.node import PACKAGES, PACKAGES_VARIABLE, node_unavailable
from transports._node import versions

SCRIPT = Path(__file__).parent / "js" / "member.mjs"
START_S = 20.0
"""Node may need this long to start on a busy machine."""


def package_for(transport: Transport) -> str | None:
    """The package of npm that speaks to this transport; None if no package does."""
    if Capability.NATIVE_FRAMES in transport.capabilities:
        return "ws"
    return "socket.io-client" if Capability.DEFAULT_PARSER in transport.capabilities else None


class NodeMember:
    """One client in a process of Node. `closed` is done when it has ended: its own words."""

    def __init__(self, process: Process) -> None:
        self.closed: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._process = process
        self._came: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def connect(
        cls, transport: Transport, url: str, headers: Mapping[str, str] | None = None
    ) -> NodeMember:
        """Connect to a transport's server.

        Raises:
            ConnectionError: Node is missing, or the client could not connect: its own words.
            TimeoutError: it neither connected nor gave up.
        """
        if (reason := node_unavailable()) is not None:
            raise ConnectionError(reason)
        transports = getattr(transport, "transports", None)
        order = {"url": url, "transports": transports, "headers": dict(headers or {})}
        process = await asyncio.create_subprocess_exec(
            *(versions.program(), str(SCRIPT), json.dumps(order)),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            env={**os.environ, PACKAGES_VARIABLE: str(PACKAGES / "package.json")},
        )
        member = cls(process)
        try:
            async with asyncio.timeout(START_S):
                await member._until("open")
        except BaseException:
            await member.close()
            raise
        return member

    async def join(self, room: str, name: str) -> None:
        """Enter a room."""
        await self._ask("join", room=room, name=name)

    async def say(self, room: str, text: str) -> None:
        """Post a text."""
        await self._ask("say", room=room, text=text)

    async def close(self) -> None:
        """Close in the transport's own way, and end the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(2):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
        finally:
            await self._reading
            await self._process.wait()

    async def _ask(self, kind: str, **fields: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([kind, fields]).encode() + b"\n")
        await self._until("reply")

    async def _until(self, what: str) -> None:
        while (line := await self._came.get()) is not None:
            if line["what"] == what:
                return
            if line["what"] == "closed":
                break
        raise ConnectionError(self.closed.result() if self.closed.done() else "Node has ended")

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            came = json.loads(line)
            if came["what"] == "closed" and not self.closed.done():
                self.closed.set_result(came["said"])
            self._came.put_nowait(came)
        self._came.put_nowait(None)
