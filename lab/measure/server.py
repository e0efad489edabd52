"""Runs a transport's server in its own process, for a measurement.

The process is `lab serve`. Its first line of output says where it listens, and which process
serves. This is another process if the server is another program, such as Node's.
"""

from __future__ import annotations

import json
import selectors
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import IO, Any, Self

import psutil

READY_S = 20.0
STOP_S = 5.0
STDERR_SHOWN = 4000

CALM = ("--calm-collector",)
"""The server's garbage collector has the same thresholds as the load's."""


class ServerDiedError(RuntimeError):
    """The server process ended by itself. The message has the end of its stderr."""


def how_ended(status: int) -> str:
    """Say how a process ended, from the return code that `subprocess` gives for it."""
    return f"by signal {-status}" if status < 0 else f"with exit code {status}"


class ServerProcess:
    """`lab serve TRANSPORT` as a context manager: ready on entry, ended on exit.

    Raises (on entry): ServerDiedError if the process ends or stays silent before it is ready.
    """

    def __init__(
        self,
        transport: str,
        arguments: Sequence[str] = (),
        python: str | None = None,
        within: Sequence[str] = (),
        module: str = "lab.cli",
    ) -> None:
        """`python`: the interpreter of another environment, whose own `lab` then serves.

        `within`: a command that becomes the one that follows it, such as `nsenter`.

        `module`: what runs with the arguments of `lab`.
        """
        self.transport = transport
        self._python = [*within, *([sys.executable] if python is None else [python, "-I"])]
        self._arguments = list(arguments)
        self._module = module
        # A file, not a pipe: a server with much output must not block while the reader measures.
        self._stderr: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed in _stop
        self._process: subprocess.Popen[bytes] | None = None
        self._program: psutil.Process | None = None
        self.ready: dict[str, Any] = {}

    @property
    def pid(self) -> int:
        """The process that serves: `lab serve`, or the program that it has started."""
        assert self._process is not None
        return int(self.ready.get("pid", self._process.pid))

    @property
    def url(self) -> str:
        """The URL to which the transport's own client connects."""
        return str(self.ready["url"])

    def __enter__(self) -> Self:
        # In its own session, so Ctrl-C in the terminal reaches only the load, which then stops the
        # server in order.
        self._process = subprocess.Popen(
            [
                *self._python,
                "-m",
                self._module,
                "serve",
                self.transport,
                "--calm-collector",
                *self._arguments,
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            start_new_session=True,
        )
        try:
            self.ready = self._first_line()
            if self.pid != self._process.pid:
                with suppress(psutil.NoSuchProcess):
                    self._program = psutil.Process(self.pid)
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def check(self, within_s: float = 0) -> None:
        """Raise ServerDiedError if the process has ended by itself, or does so `within_s`.

        The sockets of a dying process close a moment before the process counts as ended. After a
        broken connection, wait for that moment.
        """
        assert self._process is not None
        try:
            status = self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            return
        raise ServerDiedError(self._obituary(status))

    def abandon(self) -> None:
        """Kill the process. To close a thousand connections would take seconds."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self._end_program()

    def _end_program(self) -> None:
        """Wait until the program that served has ended too, so its port and its CPU are free."""
        if self._program is None:
            return
        with suppress(psutil.NoSuchProcess):
            self._program.kill()
            end = time.monotonic() + STOP_S
            while self._program.status() != psutil.STATUS_ZOMBIE and time.monotonic() < end:
                time.sleep(0.005)

    def _first_line(self) -> dict[str, Any]:
        assert self._process is not None
        assert self._process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            if not selector.select(READY_S):
                raise ServerDiedError(self._report(f"was not ready within {READY_S:g} s"))
        line = self._process.stdout.readline()
        if not line:
            raise ServerDiedError(self._obituary(self._process.wait(READY_S)))
        ready: dict[str, Any] = json.loads(line)
        return ready

    def _obituary(self, status: int) -> str:
        return self._report(f"ended {how_ended(status)}")

    def _report(self, what: str) -> str:
        self._stderr.seek(0)
        said = self._stderr.read().decode(errors="replace")[-STDERR_SHOWN:].strip()
        return f"the server of {self.transport} {what}; its stderr:\n{said or '(empty)'}"

    def _stop(self) -> None:
        assert self._process is not None
        process = self._process
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._end_program()
        if process.stdout is not None:
            process.stdout.close()
        self._stderr.close()
