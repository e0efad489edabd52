"""Part of the load in a process of its own: begun on entry, spoken to by a pipe, ended on exit."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self


class Child:
    """A process that runs `main(pipe, *arguments)`, with our end of the pipe; a context manager.

    It is killed on exit, whatever it does: nobody waits for its goodbyes.
    """

    def __init__(self, main: Callable[..., None], *arguments: Any) -> None:
        # Not forked: a copy of the benchmark would bring the benchmark's memory and loops along.
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
