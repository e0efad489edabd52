"""Other people's programs as parts of a cluster: found, started in a folder, and ended with us."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import IO

from lab.measure.server import how_ended

READY_S = 20.0
STOP_S = 3.0
LOOK_S = 0.02
OUTPUT_SHOWN = 1000
ADMIN_PATHS = "/usr/sbin:/usr/local/sbin"
"""Where Debian has nginx and HAProxy, which is not on everybody's PATH."""
INSTALL = {
    "redis-server": "apt install redis-server",
    "nginx": "apt install nginx",
    "haproxy": "apt install haproxy",
    "caddy": "apt install caddy",
}
"""Program -> the command that installs it."""
REMOVE = 'while read -r _; do :; done; for _ in 1 2 3 4 5; do rm -rf "$1" && exit; sleep 1; done'
"""A shell that removes a folder when its standard input ends."""


class ClusterError(RuntimeError):
    """A part of a cluster is missing, does not start, or has ended; the message is a sentence."""


def find(program: str) -> str:
    """Where a program is.

    Raises:
        ClusterError: it is not installed; the message says what to install.
    """
    found = shutil.which(program, path=f"{os.environ.get('PATH', '')}:{ADMIN_PATHS}")
    if found is None:
        raise ClusterError(f"{program} is not installed: {INSTALL[program]}")
    return found


def missing(program: str) -> str | None:
    """Why a program can't be used here, and what to install; None if it can."""
    try:
        find(program)
    except ClusterError as error:
        return str(error)
    return None


def free_ports(count: int) -> list[int]:
    """Different ports of this machine at which nobody listens."""
    with ExitStack() as held:
        listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
        for listener in listeners:
            held.enter_context(listener)
        return [listener.getsockname()[1] for listener in listeners]


def check_port(port: int) -> None:
    """Check that a program can listen at this port of the loopback interface.

    Raises:
        ClusterError: another one listens there, or it may not.
    """
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as error:
        raise ClusterError(
            f"can't listen on 127.0.0.1:{port}: {os.strerror(error.errno or 0)}"
        ) from None


def dying_with_parent(command: Sequence[str]) -> list[str]:
    """The command, ended by the kernel (Linux) if the thread that starts it ends without it."""
    setpriv = shutil.which("setpriv") if sys.platform == "linux" else None
    return [*([setpriv, "--pdeathsig", "TERM", "--"] if setpriv else []), *command]


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A temporary folder that does not outlive this process, however this process ends."""
    folder = tempfile.mkdtemp(prefix="lab-cluster-")
    # It holds the only reading end: the pipe ends when this process does.
    keeper = subprocess.Popen(
        ["/bin/sh", "-c", REMOVE, "sh", folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield Path(folder)
    finally:
        assert keeper.stdin is not None
        keeper.stdin.close()
        keeper.wait()
        shutil.rmtree(folder, ignore_errors=True)


class Program:
    """A program that runs in a folder until it is stopped."""

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        within: Sequence[str] = (),
    ) -> None:
        """`within`: a command that becomes the one that follows it, such as `nsenter`."""
        self.name = Path(command[0]).name
        self._output: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed in stop
        self._process = subprocess.Popen(
            [*within, *dying_with_parent(command)],
            cwd=folder,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=self._output,
            # Ctrl-C in the terminal reaches only this process, which then stops the program.
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """The id of its process."""
        return self._process.pid

    def obituary(self) -> str | None:
        """How it has ended by itself, with what it said; None: it runs."""
        status = self._process.poll()
        return None if status is None else f"{self.name} ended {how_ended(status)}{self._said()}"

    def stop(self) -> None:
        """End it; kill it if that takes longer than `STOP_S`."""
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_S)
        self._process.kill()
        self._process.wait()
        self._output.close()

    def _said(self) -> str:
        self._output.seek(0)
        said = self._output.read().decode(errors="replace").strip()[-OUTPUT_SHOWN:]
        return f"; it said:\n{said}" if said else ""


@asynccontextmanager
async def running(
    command: Sequence[str],
    folder: Path,
    port: int,
    environment: Mapping[str, str] | None = None,
    within: Sequence[str] = (),
) -> AsyncIterator[Program]:
    """Run a program that listens at a port of this machine; it listens on entry.

    `within`: see `Program`.

    Raises:
        ClusterError: it ended, or opened no port within `READY_S`.
    """
    program = Program(command, folder, environment or {}, within)
    try:
        await _listening(program, port)
        yield program
    finally:
        program.stop()


async def _listening(program: Program, port: int) -> None:
    try:
        async with asyncio.timeout(READY_S):
            while not await _listens(port):
                if (ended := program.obituary()) is not None:
                    raise ClusterError(ended)
                await asyncio.sleep(LOOK_S)
    except TimeoutError:
        raise ClusterError(f"{program.name} opened no port within {READY_S:g} s") from None


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True
