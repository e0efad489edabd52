"""Shared by the Node wires: the program that serves, from its start to its end.

Its own side of this is `node/main.mjs`: one line of JSON when it is ready, an answer to each
question, an end with goodbyes on SIGTERM, and an end when the pipe to its standard input does.
"""

from __future__ import annotations

import asyncio
import errno
import json
import os
import selectors
import subprocess
import tempfile
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import IO, Any

from lab.contract import Address
from transports import _node_versions
from transports._serving import CLOSE_TIMEOUT_S

READY_S = 20.0
END_S = CLOSE_TIMEOUT_S + 0.7
"""How long the program may take for its goodbyes; then it is killed."""
ANSWER_S = 5.0
STDERR_SHOWN = 2000


class NodeServer:
    """One running program: what it is asked, what it says, and its end."""

    address: Address

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._loop = asyncio.get_running_loop()
        self._lines: deque[bytes] = deque()
        self._unfinished = b""
        self._ended = False
        self._news = asyncio.Event()
        self._life: asyncio.Timeout | None = None
        # A file, not a pipe: a program that says much must not block on a reader.
        self._stderr: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed in stop
        try:
            # In a session of its own: Ctrl-C in the terminal is this process's to handle.
            self._process = subprocess.Popen(
                [_node_versions.program(), _node_versions.HERE / "main.mjs", json.dumps(config)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._stderr,
                bufsize=0,
                start_new_session=True,
            )
        except BaseException:
            self._stderr.close()
            raise
        assert self._process.stdin and self._process.stdout
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        self._loop.add_reader(self._stdout, self._read)

    @property
    def pid(self) -> int:
        """The process that serves."""
        return self._process.pid

    async def ready(self) -> int:
        """Wait until it listens; returns the port.

        Raises:
            OSError: it can't listen on that address.
            ChildProcessError: it ended, or stayed silent for `READY_S`.
        """
        if not await self._heard_within(READY_S, lambda: bool(self._lines) or self._ended):
            raise ChildProcessError(f"the Node server was not ready within {READY_S:g} s")
        if not self._lines:
            raise ChildProcessError(self._obituary())
        said = json.loads(self._lines.popleft())
        if "port" in said:
            return int(said["port"])
        number = getattr(errno, said["code"], None)
        if number is None:  # a name that can't be resolved has no number
            raise OSError(errno.EADDRNOTAVAIL, said["message"])
        raise OSError(number, os.strerror(number))

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """A context that is cancelled when the program ends by itself.

        Raises:
            ChildProcessError: it did; the message holds the end of what it wrote to stderr.
        """
        life = asyncio.timeout(None)
        try:
            async with life:
                self._life = life
                self._check_life()
                yield
        except TimeoutError:
            if life.expired():
                raise ChildProcessError(self._obituary()) from None
            raise
        finally:
            self._life = None

    def sessions(self) -> int:
        """See `contract.Server`: asked anew each time, and waited for, so that it is true now."""
        if not self._ended:
            self._ask(b"sessions\n")
        if self._ended:
            return 0
        return int(json.loads(self._lines.popleft())["sessions"])

    async def stop(self) -> None:
        """End the program, with its goodbyes where it says them in time."""
        try:
            if not self._ended:
                self._process.terminate()
                await self._heard_within(END_S, lambda: self._ended)
        finally:
            self._loop.remove_reader(self._stdout)
            self._ended = True
            if self._process.poll() is None:
                self._process.kill()
            self._process.wait()
            for file in (self._stdin, self._stdout, self._stderr):
                file.close()

    def _ask(self, question: bytes) -> None:
        """Ask, and read until there is an answer, or an end."""
        with suppress(BrokenPipeError):  # it has ended, which is read next
            self._stdin.write(question)
        with selectors.DefaultSelector() as selector:
            selector.register(self._stdout, selectors.EVENT_READ)
            while not (self._lines or self._ended):
                if not selector.select(ANSWER_S):
                    raise TimeoutError(f"the Node server gave no answer within {ANSWER_S:g} s")
                self._read()

    async def _heard_within(self, patience_s: float, enough: Callable[[], bool]) -> bool:
        """Listen until that is `enough`; False where it does not come in time."""
        try:
            async with asyncio.timeout(patience_s):
                while not enough():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            return False
        return True

    def _read(self) -> None:
        """Take what the program has said; the end of its output is its own end."""
        said = os.read(self._stdout.fileno(), 65536)
        *lines, self._unfinished = (self._unfinished + said).split(b"\n")
        self._lines += lines
        if not said:
            self._loop.remove_reader(self._stdout)
            self._ended = True
            self._check_life()
        self._news.set()

    def _check_life(self) -> None:
        if self._ended and self._life is not None:
            self._life.reschedule(self._loop.time())

    def _obituary(self) -> str:
        status = self._process.wait()
        how = f"by signal {-status}" if status < 0 else f"with exit code {status}"
        self._stderr.seek(0)
        said = self._stderr.read().decode(errors="replace")[-STDERR_SHOWN:].strip()
        return f"the Node server ended {how}; its stderr:\n{said or '(empty)'}"
