"""Runs a part of the load in its own process, controlled through a pipe."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self


class Child:
    """A process that runs `main(pipe, *arguments)`, and our end of the pipe. A context manager.

    It is killed on exit, because closing its connections would take too long.
    """

    def __init__(self, main: Callable[..., None], *arguments: Any) -> None:
        # Not forked: a fork would copy the benchmark's memory and event loops.
        context = multiprocessing.get_context("spawn")
        self._pipe, self._theirs = context.Pipe()
        self._process = context.Process(target=main, args=(self._theirs, *arguments), daemon=True)

    @property
    def pid(self) -> int:
        """The process id."""
        assert self._process.pid is not None
        return self._process.pid

    def __enter__(self) -> Self:
        self._process.start()
        self._theirs.close()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def _end(self) -> None:
        self._process.kill()
        self._process.join()
        self._process.close()
        self._pipe.close()
