"""The target's own process: started by the scenario, or running already."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import psutil

from lab.measure.clock import now_ns
from lab.measure.process import CpuUse, cpu_ns
from lab.measure.server import how_ended
from lab.scenario import Server
from lab.target.errors import TargetError
from lab.target.secret_values import Secrets

STOP_S = 3.0
LOOK_S = 0.02
OUTPUT_SHOWN = 2000


class TargetServer:
    """A scenario's `command`, running. A context manager: its port is open on entry.

    On exit, the command and all that it started have ended. `async with` may be cancelled while the
    port is not open yet.

    Raises (on entry): TargetError if it can't start, ends, or opens no port in time.
    """

    def __init__(self, server: Server, folder: Path, address: tuple[str, int], secrets: Secrets):
        assert server.command is not None
        self._server = server
        self._command = [
            word.replace("{python}", sys.executable).replace("{port}", str(address[1]))
            for word in server.command
        ]
        self._folder = folder / (server.cwd or "")
        self._address = address
        self._secrets = secrets
        self._output: IO[bytes]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The command's own process."""
        assert self._process is not None
        return self._process.pid

    def __enter__(self) -> Self:
        self._start()
        try:
            for pause in self._pauses():
                time.sleep(pause)
        except BaseException:
            self._stop()
            raise
        return self

    async def __aenter__(self) -> Self:
        self._start()
        try:
            for pause in self._pauses():
                await asyncio.sleep(pause)
        except BaseException:
            self._stop()
            raise
        return self

    def _start(self) -> None:
        if _listens(self._address):
            host, port = self._address
            raise TargetError(
                f"something listens at {host} port {port} already, before server.command",
                "stop it, or leave out [server] to load what runs there",
            )
        self._launch()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def obituary(self) -> str | None:
        """How the command has ended by itself; None: it runs."""
        assert self._process is not None
        status = self._process.poll()
        if status is None:
            return None
        return f"server.command ended {how_ended(status)}{self._said()}"

    def last_words(self, patience_s: float) -> str | None:
        """The obituary of a command that is about to end; None: it runs on."""
        assert self._process is not None
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(patience_s)
        return self.obituary()

    def _launch(self) -> None:
        named = {name: self._secrets.reveal(value) for name, value in self._server.env.items()}
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 - closed in _stop
        try:
            # In its own session, Ctrl-C in the terminal reaches only the load, which then stops it.
            self._process = subprocess.Popen(
                self._command,
                cwd=self._folder,
                env={**os.environ, **named},
                stdin=subprocess.DEVNULL,
                stdout=self._output,
                stderr=self._output,
                start_new_session=True,
            )
        except OSError as error:
            self._output.close()
            raise TargetError(
                f"server.command can't start: {self._command[0]}: {error.strerror}",
                "check server.command and server.cwd",
            ) from error

    def _pauses(self) -> Iterator[float]:
        """Seconds to wait before each look at the port, until it is open."""
        end = time.monotonic() + self._server.ready
        while not _listens(self._address):
            if (ended := self.obituary()) is not None:
                raise TargetError(ended)
            if time.monotonic() > end:
                raise TargetError(
                    f"server.command opened no port {self._address[1]} in "
                    f"{self._server.ready:g} s{self._said()}",
                    "check the port, or raise server.ready",
                )
            yield LOOK_S

    def _said(self) -> str:
        self._output.seek(0)
        said = self._output.read().decode(errors="replace").strip()[-OUTPUT_SHOWN:]
        return f"; it said:\n{self._secrets.mask(said)}" if said else ""

    def _stop(self) -> None:
        """End the group of the command, and what it has started in other groups."""
        process = self._process
        assert process is not None
        family = tree(process.pid)
        _signal_all(process.pid, family, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_S)
        psutil.wait_procs(family, STOP_S / 2)
        _signal_all(process.pid, family, signal.SIGKILL)
        process.wait()
        self._output.close()


class TreeMeter:
    """A `Meter` of the load and, if there is one, of the target's process with its children."""

    def __init__(self, target_pid: int | None) -> None:
        self._target = target_pid
        self._begun: tuple[int, int, dict[int, int]] | None = None

    def start(self) -> None:
        """Begin, or begin again."""
        self._begun = now_ns(), cpu_ns(os.getpid()), self._targets()

    def stop(self) -> CpuUse:
        """What was used since `start`; of the target, None where its process is gone."""
        assert self._begun is not None
        begun_ns, load_ns, before = self._begun
        after = self._targets()
        used = sum(ns - before.get(pid, 0) for pid, ns in after.items())
        return CpuUse(
            wall_ns=max(now_ns() - begun_ns, 1),
            load_cpu_ns=cpu_ns(os.getpid()) - load_ns,
            server_cpu_ns=used if after else None,
        )

    def _targets(self) -> dict[int, int]:
        found = {}
        for process in tree(self._target) if self._target is not None else ():
            with suppress(ProcessLookupError):
                found[process.pid] = cpu_ns(process.pid)
        return found


def tree(pid: int) -> list[psutil.Process]:
    """A process with all its descendants; none if it is gone."""
    try:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _signal_all(group: int, family: Sequence[psutil.Process], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, number)
    for process in family:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)


def _listens(address: tuple[str, int]) -> bool:
    try:
        socket.create_connection(address, 1).close()
    except OSError:
        return False
    return True
