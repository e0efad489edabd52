"""Runs one pass of `lab bench`: pytest runs the suite once, in its own process."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

STOP_S = 15.0


class PassResult(msgspec.Struct, frozen=True):
    """The result of a pass: pytest-benchmark's JSON, or why the pass is void."""

    json: bytes | None
    void: str | None


class Progress(msgspec.Struct, frozen=True):
    """How many benchmarks of a pass are done, and the name of the last one."""

    done: int
    total: int
    current: str


def run_pass(arguments: Sequence[str], on_progress: Callable[[Progress], None]) -> PassResult:
    """Run the suite once with these options.

    When this function ends, also by Ctrl-C, the suite and its servers have ended.
    """
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "pass.json"
        output = Path(folder) / "output.txt"
        reading, writing = os.pipe()
        with output.open("wb") as sink:
            suite = _start(arguments, written, writing, sink.fileno())
        os.close(writing)
        try:
            with os.fdopen(reading) as news:
                failure = _follow(news, on_progress)
            if failure is None:
                suite.wait()
        finally:
            _stop(suite)
        if failure is None and suite.returncode not in (0, 1):
            failure = f"pytest ended with exit code {suite.returncode}:\n{_tail(output)}"
        content = written.read_bytes() if written.exists() else None
        if failure is None and not content:
            failure = f"pytest wrote no results:\n{_tail(output)}"
        return PassResult(content or None, failure)


def _start(
    arguments: Sequence[str], written: Path, news: int, output: int
) -> subprocess.Popen[bytes]:
    suite = importlib.util.find_spec("benchmarks")
    assert suite is not None
    assert suite.submodule_search_locations is not None
    folder = suite.submodule_search_locations[0]
    command = [sys.executable, "-m", "pytest", folder, "-q", "-p", "no:cacheprovider"]
    # In its own session, the suite gets no Ctrl-C: `lab bench` handles it, and stops the suite.
    return subprocess.Popen(
        [*command, f"--benchmark-json={written}", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        pass_fds=[news],
        # The temporary files of the suite are removed with the pass's folder, even if it is killed.
        env={**os.environ, "LAB_PROGRESS_FD": str(news), "TMPDIR": str(written.parent)},
        start_new_session=True,
    )


def _follow(news: Any, on_progress: Callable[[Progress], None]) -> str | None:
    """Report the progress. Return the reason as soon as the pass is void."""
    total = done = 0
    for line in news:
        message = json.loads(line)
        total = message.get("collected", total)
        # A void benchmark leaves its pass valid.
        if message.get("outcome") == "failed":
            return str(message["reason"])
        if "done" in message:
            done += 1
        on_progress(Progress(done, total, message.get("done", "starting")))
    return None


def _stop(suite: subprocess.Popen[bytes]) -> None:
    """Send SIGINT, so that pytest closes its servers. Remaining servers end with their parent.

    A second Ctrl-C kills the suite at once.
    """
    if suite.poll() is not None:
        return
    suite.send_signal(signal.SIGINT)
    try:
        suite.wait(STOP_S)
    except (subprocess.TimeoutExpired, KeyboardInterrupt) as interruption:
        suite.kill()
        suite.wait()
        if isinstance(interruption, KeyboardInterrupt):
            raise


def _tail(output: Path) -> str:
    return output.read_text(errors="replace")[-4000:]
