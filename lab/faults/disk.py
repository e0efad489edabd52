"""A small disk that can be full: a tmpfs in a user and a mount namespace of its own.

So no other process has less space, and nobody needs to be root (user_namespaces(7), tmpfs(5)).
"""

from __future__ import annotations

import errno
import os
import subprocess
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

SIZE = "16m"
BLOCK = bytes(4096)
READY = b"mounted\n"


class DiskError(Exception):
    """There can't be such a disk here: one sentence says why."""


class SmallDisk:
    """A disk of 16 MiB at `folder`, which has to exist, for those that run `inside`.

    Raises (on entry): DiskError.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._process: subprocess.Popen[bytes]

    def __enter__(self) -> Self:
        # It ends with the pipe, also when this process is killed.
        mount = f'mount -t tmpfs -o size={SIZE} none "$1" && echo mounted && exec cat >/dev/null'
        command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount, "sh"]
        try:
            self._process = subprocess.Popen(
                [*command, str(self._folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        except OSError as error:
            raise DiskError(f"a small disk needs unshare of util-linux: {error}") from error
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        if self._process.stdout.readline() != READY:
            said = self._process.stderr.read().decode(errors="replace").strip()
            self._end()
            raise DiskError(f"a small disk needs user and mount namespaces: {said}")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def _end(self) -> None:
        self._process.communicate()

    @property
    def inside(self) -> tuple[str, ...]:
        """What to put before a command, so that it sees the disk. The process stays the same."""
        into = ("nsenter", "--preserve-credentials", "--user", "--mount", "--target")
        return (*into, str(self._process.pid), f"--wd={Path.cwd()}", "--")

    def fill(self) -> None:
        """Take all space that is left."""
        descriptor = os.open(self._filler, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        try:
            while True:
                os.write(descriptor, BLOCK)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
        finally:
            os.close(descriptor)

    def empty(self) -> None:
        """Give back what `fill` has taken."""
        Path(self._filler).unlink()

    @property
    def _filler(self) -> str:
        # As text: to resolve this path would leave the namespace, since the link says `/`.
        return f"/proc/{self._process.pid}/root{self._folder}/filler"


def small_disk(stack: ExitStack, folder: Path) -> tuple[SmallDisk | None, list[str]]:
    """A small disk at a folder that is made for it, until the stack ends; else a sentence why."""
    folder.mkdir()
    try:
        return stack.enter_context(SmallDisk(folder)), []
    except DiskError as error:
        return None, [f"no full disk: {error}"]
