"""Run the Node program that serves a transport, from its start to its end.

The program is `node/main.mjs`. It prints one line of JSON when it is ready, and answers each line
on its standard input. On SIGTERM it closes all connections and ends. It also ends when its standard
input ends, so it never outlives this process.
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
from transports._node import versions as node_versions
from transports._shared.serving import CLOSE_TIMEOUT_S

READY_S = 20.0
END_S = CLOSE_TIMEOUT_S + 0.7
"""How long the program may take to close its connections. After that it is killed."""
LEAVE_S = 3.0
"""How long a node of several may take besides to leave the others."""
ANSWER_S = 5.0
STDERR_SHOWN = 2000
FAILED = b'{"failed":'
"""The begin of the line of a node that can't be one any more."""


class NodeServer:
    """One running Node program."""

    address: Address

    def __init__(self, config: Mapping[str, Any], joining: Mapping[str, Any] | None = None) -> None:
        """`joining`: what joins it to other nodes, see `Joining` in `main.mjs`."""
        self._loop = asyncio.get_running_loop()
        self._lines: deque[bytes] = deque()
        self._unfinished = b""
        self._ended = False
        self._failure: str | None = None
        self._end_s = END_S
        environment = dict(os.environ)
        if joining is not None:
            # Not an argument: those are seen by all users, and there may be a password.
            environment["LAB_JOINED"] = json.dumps({**joining, "leave_s": LEAVE_S})
            self._end_s += LEAVE_S
        self._has_output = asyncio.Event()
        self._watch: asyncio.Timeout | None = None
        # A file, not a pipe: a full pipe blocks a program that writes much.
        self._stderr: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed in stop
        try:
            # In its own session: else Ctrl-C in the terminal would end it before this process
            # can end it in order.
            self._process = subprocess.Popen(
                [node_versions.program(), node_versions.HERE / "main.mjs", json.dumps(config)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._stderr,
                bufsize=0,
                env=environment,
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
        """The id of the process that serves."""
        return self._process.pid

    async def ready(self) -> int:
        """Wait until the program listens; returns the port.

        Raises:
            OSError: the program can't listen on that address.
            ChildProcessError: the program ended, or printed nothing for `READY_S`.
        """
        if not await self._output_within(READY_S, lambda: bool(self._lines) or self._ended):
            raise ChildProcessError(f"the Node server was not ready within {READY_S:g} s")
        if not self._lines:
            raise ChildProcessError(self._describe_end())
        report = json.loads(self._lines.popleft())
        if "port" in report:
            return int(report["port"])
        number = getattr(errno, report["code"], None)
        if number is None:  # Node's code for a name that can't be resolved is not an errno
            raise OSError(errno.EADDRNOTAVAIL, report["message"])
        raise OSError(number, os.strerror(number))

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Return a context that is cancelled when the program ends by itself.

        Raises:
            ChildProcessError: the program ended. The message has the end of its stderr.
        """
        watch = asyncio.timeout(None)  # `_cancel_watch` sets its deadline to now
        try:
            async with watch:
                self._watch = watch
                self._cancel_watch()
                yield
        except TimeoutError:
            if watch.expired():
                raise ChildProcessError(self._describe_end()) from None
            raise
        finally:
            self._watch = None

    def sessions(self) -> int:
        """See `contract.Server`. It asks the program and waits, so the number is not stale."""
        return self.counts().get("sessions", 0)

    def counts(self) -> Mapping[str, int]:
        """What the program counts, name by name; nothing once it has ended."""
        if not self._ended:
            self._request(b"counts\n")
        return {} if self._ended else json.loads(self._lines.popleft())

    async def stop(self) -> None:
        """End the program. It has `END_S` to close its connections, then it is killed.

        A node of several has `LEAVE_S` more.
        """
        try:
            if not self._ended:
                self._process.terminate()
                await self._output_within(self._end_s, lambda: self._ended)
        finally:
            self._loop.remove_reader(self._stdout)
            self._ended = True
            if self._process.poll() is None:
                self._process.kill()
            self._process.wait()
            for file in (self._stdin, self._stdout, self._stderr):
                file.close()

    def _request(self, line: bytes) -> None:
        """Send a line, and read until the program answers or ends."""
        with suppress(BrokenPipeError):  # the program has ended; `_read` finds that out
            self._stdin.write(line)
        with selectors.DefaultSelector() as selector:
            selector.register(self._stdout, selectors.EVENT_READ)
            while not (self._lines or self._ended):
                if not selector.select(ANSWER_S):
                    raise TimeoutError(f"the Node server gave no answer within {ANSWER_S:g} s")
                self._read()

    async def _output_within(self, timeout_s: float, enough: Callable[[], bool]) -> bool:
        """Read until `enough` is true; False if that takes longer than `timeout_s`."""
        try:
            async with asyncio.timeout(timeout_s):
                while not enough():
                    self._has_output.clear()
                    await self._has_output.wait()
        except TimeoutError:
            return False
        return True

    def _read(self) -> None:
        """Read the program's output. If the output ends, the program has ended."""
        data = os.read(self._stdout.fileno(), 65536)
        *lines, self._unfinished = (self._unfinished + data).split(b"\n")
        for line in lines:
            if line.startswith(FAILED):
                self._failure = json.loads(line)["failed"]
            else:
                self._lines.append(line)
        if not data:
            self._loop.remove_reader(self._stdout)
            self._ended = True
            self._cancel_watch()
        self._has_output.set()

    def _cancel_watch(self) -> None:
        """Cancel the context of `watched` if the program has ended."""
        if self._ended and self._watch is not None:
            self._watch.reschedule(self._loop.time())

    def _describe_end(self) -> str:
        status = self._process.wait()
        if self._failure is not None:
            return f"the journal failed, so the server ends: {self._failure}"
        how = f"by signal {-status}" if status < 0 else f"with exit code {status}"
        self._stderr.seek(0)
        errors = self._stderr.read().decode(errors="replace")[-STDERR_SHOWN:].strip()
        return f"the Node server ended {how}; its stderr:\n{errors or '(empty)'}"
