"""A part of the load in another process: it answers by its pipe, and ends with its context."""

from __future__ import annotations

import os
from multiprocessing.connection import Connection as Pipe

import psutil

from lab.load.child import Child

PATIENCE_S = 30


def answer(pipe: Pipe, word: str) -> None:
    pipe.send((os.getpid(), word))
    pipe.recv()  # until it is ended


class Answering(Child):
    def answered(self) -> tuple[int, str]:
        assert self._pipe.poll(PATIENCE_S)
        pid, word = self._pipe.recv()
        return pid, word


def test_it_runs_apart_and_ends_with_its_context() -> None:
    with Answering(answer, "here") as child:
        assert child.answered() == (child.pid, "here")
        pid = child.pid
        assert pid != os.getpid()
    assert not psutil.pid_exists(pid)
