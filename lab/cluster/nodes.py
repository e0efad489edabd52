"""A node of a cluster as its starter sees it: its address, its counts, its end."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import IO

import msgspec
import psutil

from lab.cluster.node import Config, Ready
from lab.cluster.programs import OUTPUT_SHOWN, READY_S, ClusterError, dying_with_parent
from lab.measure.server import how_ended

ANSWER_S = 5.0
STOP_S = 5.0


class Counts(msgspec.Struct, frozen=True):
    """What a node has counted since its start.

    `sessions`, `members`: connections and memberships now. `deliveries`: an event to a member is
    one. `reads`, `read_bytes`: messages that came from the backplane, and their payloads;
    `concerned`: those of them that had a member at this node. None: the node does not count it.
    """

    sessions: int = 0
    members: int | None = None
    deliveries: int | None = None
    reads: int | None = None
    read_bytes: int | None = None
    concerned: int | None = None


class Node:
    """A running node."""

    def __init__(self, number: int, process: asyncio.subprocess.Process, errors: IO[bytes]) -> None:
        self.number = number
        self.ready = Ready()
        self._process = process
        self._errors = errors
        self._asking = asyncio.Lock()

    @property
    def address(self) -> str:
        """HOST:PORT, as a proxy names it."""
        return f"127.0.0.1:{self.ready.port}"

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self._process.returncode is None

    async def begin(self) -> None:
        """Wait until it serves.

        Raises:
            ClusterError: it can't serve, or says nothing for `READY_S`.
        """
        line = await self._line(READY_S)
        if not line:
            raise ClusterError(f"node {self.number} {await self._end()}")
        self.ready = msgspec.json.decode(line, type=Ready)
        if self.ready.error is not None:
            raise ClusterError(f"node {self.number} can't serve: {self.ready.error}")

    async def counts(self) -> Counts | None:
        """What it counts; None if it has ended."""
        async with self._asking:
            if not self.runs:
                return None
            assert self._process.stdin is not None
            self._process.stdin.write(b"\n")
            line = await self._line(ANSWER_S)
        return msgspec.json.decode(line, type=Counts) if line else None

    def kill(self) -> None:
        """Kill the process that serves."""
        with suppress(psutil.NoSuchProcess):
            psutil.Process(self.ready.pid).kill()

    async def stop(self) -> None:
        """End it, and close its connections in order; kill it if that takes `STOP_S`."""
        with suppress(ProcessLookupError):
            self._process.terminate()
        try:
            async with asyncio.timeout(STOP_S):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    async def ended(self) -> None:
        """Return when its process has ended."""
        await self._process.wait()

    async def _line(self, patience_s: float) -> bytes:
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(patience_s):
                return await self._process.stdout.readline()
        except TimeoutError:
            raise ClusterError(
                f"node {self.number} gave no answer within {patience_s:g} s"
            ) from None

    async def _end(self) -> str:
        status = await self._process.wait()
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace").strip()[-OUTPUT_SHOWN:]
        return f"ended {how_ended(status)}" + (f"; it said:\n{said}" if said else "")


@asynccontextmanager
async def running_node(number: int, config: Config) -> AsyncIterator[Node]:
    """Run a node; it serves on entry.

    Raises:
        ClusterError: it can't serve; the message says why.
    """
    command = [sys.executable, "-m", "lab.cluster.node", msgspec.json.encode(config).decode()]
    with tempfile.TemporaryFile() as errors:
        process = await asyncio.create_subprocess_exec(
            *dying_with_parent(command),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
        )
        node = Node(number, process, errors)
        try:
            await node.begin()
            yield node
        finally:
            await node.stop()
