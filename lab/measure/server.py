"""A wire's server in a process of its own, as the load sees it: beside the CPU meter.

The process is `lab serve`; its first line of output says where it listens, and which process
serves: of a wire whose server is another program (Node's), that program.
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


class ServerDiedError(RuntimeError):
    """The server process ended by itself; the message holds the end of what it wrote to stderr."""


class ServerProcess:
    """`lab serve WIRE` as a context manager: ready on entry, gone on exit.

    Raises (on entry): ServerDiedError where the process ends, or stays silent, before it is ready.
    """

    def __init__(self, wire: str, arguments: Sequence[str] = ()) -> None:
        self.wire = wire
        self._arguments = list(arguments)
        # A file, not a pipe: a server that says much must not block on a reader that measures.
        self._stderr: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed in _stop
        self._process: subprocess.Popen[bytes] | None = None
        self._program: psutil.Process | None = None
        self.ready: dict[str, Any] = {}

    @property
    def pid(self) -> int:
        """The process that serves: `lab serve` itself, or the program that it has started."""
        assert self._process is not None
        return int(self.ready.get("pid", self._process.pid))

    @property
    def url(self) -> str:
        """What the wire's own client is given."""
        return str(self.ready["url"])

    def __enter__(self) -> Self:
        # A session of its own: Ctrl-C in the terminal is the load's to handle, which then stops
        # the server in order.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "lab.cli", "serve", self.wire, *self._arguments],
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

        A dying process's sockets are closed a moment before it counts as ended: whoever comes here
        because a connection broke has to give it that moment.
        """
        assert self._process is not None
        try:
            status = self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            return
        raise ServerDiedError(self._obituary(status))

    def abandon(self) -> None:
        """End the process without its goodbyes, which to a thousand connections take seconds."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self._end_program()

    def _end_program(self) -> None:
        """See that the program that served has ended too: its port and its CPU are free again."""
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
        how = f"by signal {-status}" if status < 0 else f"with exit code {status}"
        return self._report(f"ended {how}")

    def _report(self, what: str) -> str:
        self._stderr.seek(0)
        said = self._stderr.read().decode(errors="replace")[-STDERR_SHOWN:].strip()
        return f"the server of {self.wire} {what}; its stderr:\n{said or '(empty)'}"

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
