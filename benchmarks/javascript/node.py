"""Runs the client in Node: npm's socket.io-client, and ws."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import Iterable
from typing import IO, Any

from benchmarks.javascript.bench import PATIENCE_S, Bench
from benchmarks.javascript.runtime import Runtime
from lab.contract import Transport
from lab.interop.node import OUTPUT_SHOWN, PACKAGES, NodeError
from lab.page.files import NODE_BENCH
from transports._node import versions as node_versions

LONGEST_LINE = 1 << 24
"""In bytes: an answer has a number for each sample."""


class NodeBench(Bench):
    """A process of Node. Its calls raise NodeError if they fail in it, or if it ends."""

    def __init__(self, process: Process, stderr: IO[bytes]) -> None:
        super().__init__()
        self._process = process
        self._stderr = stderr

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    async def close(self) -> None:
        """End the process, and so its connections."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.communicate()  # reads to the end, so that no pipe stays open
        self._stderr.close()

    async def _call(self, name: str, *words: Any) -> Any:
        assert self._process.stdin and self._process.stdout
        call = json.dumps({"name": name, "words": words})
        async with asyncio.timeout(PATIENCE_S):
            self._process.stdin.write(call.encode() + b"\n")
            line = await self._process.stdout.readline()
        if not line:
            raise NodeError(f"Node ended during {name}; its stderr:\n{self._errors()}")
        answer = json.loads(line)
        if "error" in answer:
            raise NodeError(f"in Node, during {name}: {answer['error']}")
        return answer.get("found")

    def _errors(self) -> str:
        self._stderr.seek(0)
        return self._stderr.read().decode(errors="replace")[-OUTPUT_SHOWN:].strip() or "(empty)"


class Node(Runtime):
    """Starts a process of Node for each transport."""

    client = "node"
    place = "Node"
    _bench: NodeBench | None = None

    async def open(self, transport: Transport) -> NodeBench:
        """See `Runtime`. Raises NodeError if there is no Node."""
        if (reason := node_versions.unavailable("socket.io-client")) is not None:
            raise NodeError(reason)
        # A file, not a pipe: a full pipe would block a program that writes much.
        stderr = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the bench
        process = await asyncio.create_subprocess_exec(
            node_versions.program(),
            str(NODE_BENCH),
            stdin=PIPE,
            stdout=PIPE,
            stderr=stderr,
            limit=LONGEST_LINE,
            env={**os.environ, "NODE_PATH": str(PACKAGES / "node_modules")},
        )
        self._bench = NodeBench(process, stderr)
        return self._bench

    async def _start(self) -> None:
        """Nothing is shared."""

    def _pids(self) -> Iterable[int]:
        return [self._bench.pid] if self._bench else []
