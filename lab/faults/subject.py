"""What is broken: a server that can be killed, paused and started again."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

import msgspec

from lab.contract import Address, ClientTls
from lab.faults.clock import Clock
from lab.faults.disk import SmallDisk
from lab.measure.server import ServerDiedError, ServerProcess

HEARTBEAT = ("--heartbeat", "1", "1")
"""A cut connection on which nothing is sent is noticed by the heartbeat alone: soon."""


class Subject(Protocol):
    """A server. `start` and `kill` alternate. `tls`: how clients check the life that began last."""

    @property
    def tls(self) -> ClientTls | None:
        """None: it has no TLS."""

    async def start(self) -> Address:
        """Begin a life. Returns where it listens."""

    async def kill(self) -> None:
        """End this life without any warning."""

    async def pause(self, seconds: float) -> None:
        """Let it do nothing for a while."""

    def move_clock(self, offset_ms: int) -> None:
        """Let its wall clock be wrong by this much, also in its next lives."""

    def fill_disk(self) -> None:
        """Leave no space where it keeps its rooms."""

    def empty_disk(self) -> None:
        """Give the space back."""

    def ended(self) -> str | None:
        """How it has ended by itself; None: it runs."""


class Backplane(Protocol):
    """What joins nodes, and can be broken. Nodes have numbers from 1."""

    lease_s: float
    """After so long without an answer a node is out."""

    def stall(self, node: int) -> None:
        """Let no byte pass between it and a node."""

    def resume(self, node: int) -> None:
        """End `stall`."""

    async def restart(self, down_s: float) -> None:
        """End it without any warning, and start it again after a while."""

    async def fill_disk(self, seconds: float, kill: bool) -> None:
        """Leave no space where it keeps the rooms, and give it back after a while.

        Before that end it without any warning if `kill`. It is started again if it has ended.
        """

    async def fill_memory(self, seconds: float) -> None:
        """Let it have no memory for what is written, for a while."""


class ServedProcess:
    """`lab serve TRANSPORT` in a process of its own. See `Subject`.

    `clock`: the one that it follows. `disk`: the one that it runs inside of.
    """

    def __init__(
        self,
        transport: str,
        arguments: Sequence[str] = (),
        clock: Clock | None = None,
        disk: SmallDisk | None = None,
    ) -> None:
        self._transport = transport
        follows = () if clock is None else ("--clock", str(clock.path))
        self._arguments = [*HEARTBEAT, "--unpaced", *follows, *arguments]
        self._clock = clock
        self._disk = disk
        self._process: ServerProcess | None = None
        self.tls: ClientTls | None = None

    async def start(self) -> Address:
        """See `Subject`. Raises ServerDiedError if it does not start."""
        within = () if self._disk is None else self._disk.inside
        process = ServerProcess(self._transport, self._words(), within=within)
        self._process = await asyncio.to_thread(process.__enter__)
        authority = process.ready["authority"]
        self.tls = None if authority is None else ClientTls(authority)
        return msgspec.convert(process.ready, Address)

    def _words(self) -> Sequence[str]:
        """The arguments of the next life."""
        return self._arguments

    async def kill(self) -> None:
        """See `Subject`: SIGKILL."""
        process, self._process = self._process, None
        if process is not None:
            await asyncio.to_thread(process.abandon)
            process.__exit__(None, None, None)

    async def pause(self, seconds: float) -> None:
        """See `Subject`: SIGSTOP, then SIGCONT."""
        assert self._process is not None
        pid = self._process.pid
        os.kill(pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    def move_clock(self, offset_ms: int) -> None:
        """See `Subject`."""
        assert self._clock is not None
        self._clock.move(offset_ms)

    def fill_disk(self) -> None:
        """See `Subject`."""
        assert self._disk is not None
        self._disk.fill()

    def empty_disk(self) -> None:
        """See `Subject`. Raises ServerDiedError if the server did not outlive the full disk."""
        assert self._disk is not None
        self._disk.empty()
        if self._process is not None:
            self._process.check()

    def ended(self) -> str | None:
        """See `Subject`."""
        try:
            if self._process is not None:
                self._process.check()
        except ServerDiedError as error:
            return str(error)
        return None
