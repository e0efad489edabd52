"""Ends a command early and in order at Ctrl-C, SIGTERM and SIGHUP.

SIGTERM and SIGHUP go to the handler of Ctrl-C, so that a command cleans up in one place, by
`KeyboardInterrupt`, after each of the three signals. The exit code tells which signal it was.
"""

from __future__ import annotations

import asyncio
import os
import signal
import stat
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import Any, TypeVar

T = TypeVar("T")
Loop = asyncio.AbstractEventLoop

SHELL_BASE = 128
"""A shell's exit code for a program that a signal ended: this plus the signal's number."""
LIKE_CTRL_C = (signal.SIGTERM, signal.SIGHUP)

_received = signal.SIGINT


def exit_code() -> int:
    """Return the exit code of an interrupted command: 130 after Ctrl-C, 143 after SIGTERM."""
    return SHELL_BASE + _received


def interrupt_on_signals() -> None:
    """Let SIGTERM and SIGHUP act like Ctrl-C, unless they are ignored, as under `nohup`."""
    for number in LIKE_CTRL_C:
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _interrupt)


def leave_at_once_from_now_on() -> None:
    """Let another signal end the process: an interrupted interpreter shows a traceback."""
    for number in (signal.SIGINT, *LIKE_CTRL_C):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda *_: os._exit(exit_code()))


def _interrupt(number: int, frame: FrameType | None) -> None:
    global _received  # noqa: PLW0603 - a process is ended once
    _received = signal.Signals(number)
    if number == signal.SIGHUP:
        _leave_the_terminal()
    on_ctrl_c = signal.getsignal(signal.SIGINT)
    if callable(on_ctrl_c):
        on_ctrl_c(signal.SIGINT, frame)
    else:  # Ctrl-C is ignored, as in a script's background job; this signal is not
        raise KeyboardInterrupt


def _leave_the_terminal() -> None:
    """Send further output to nowhere: the terminal is gone, and each write would fail (EIO)."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        if stat.S_ISCHR(os.fstat(descriptor).st_mode):
            os.dup2(nowhere, descriptor)
    os.close(nowhere)


@contextmanager
def held() -> Iterator[None]:
    """Run the block to its end; an interruption during it takes effect afterwards."""
    came: list[int] = []
    usual = signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
        if came:
            signal.raise_signal(signal.SIGINT)


def run(main: Coroutine[Any, Any, T], loop_factory: Callable[[], Loop] | None = None) -> T:
    """Run a coroutine as `asyncio.run` does, and make sure that Ctrl-C ends it.

    The first Ctrl-C cancels it; a second one does not wait for the clean-up. `asyncio.run` loses an
    interruption if the coroutine answers it with an error of its own. Messages of libraries about
    connections that the interruption broke are not shown.
    """
    came: list[int] = []
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        loop = runner.get_loop()
        loop.set_exception_handler(partial(_report, came))
        task = loop.create_task(main)
        usual = signal.signal(signal.SIGINT, partial(_cancel, task, came))
        try:
            found = loop.run_until_complete(task)
        except BaseException as error:
            if came:
                raise KeyboardInterrupt from error
            raise
        finally:
            signal.signal(signal.SIGINT, usual)
        if came:
            raise KeyboardInterrupt
        return found


def _cancel(task: asyncio.Task[Any], came: list[int], number: int, _: FrameType | None) -> None:
    came.append(number)
    if len(came) > 1 or task.done():
        raise KeyboardInterrupt
    task.get_loop().call_soon_threadsafe(task.cancel)


def _report(came: list[int], loop: Loop, context: dict[str, Any]) -> None:
    if not came:
        loop.default_exception_handler(context)


def end_requested() -> asyncio.Event:
    """Return an event that any of the three signals sets: it ends a server."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, *LIKE_CTRL_C):
        if signal.getsignal(number) is not signal.SIG_IGN or number not in LIKE_CTRL_C:
            loop.add_signal_handler(number, _set, asked, number)
    return asked


def _set(asked: asyncio.Event, number: signal.Signals) -> None:
    if number == signal.SIGHUP:
        _leave_the_terminal()
    asked.set()
