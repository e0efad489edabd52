"""One pass of `lab bench`: the suite run once by pytest, in a process of its own."""

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
VOID = "Failed: void:"
"""How a failure reads that makes one benchmark void and not its pass: something was lost."""


class PassResult(msgspec.Struct, frozen=True):
    """What a pass left: pytest-benchmark's JSON, or why the pass is void."""

    json: bytes | None
    void: str | None


class Progress(msgspec.Struct, frozen=True):
    """How far a pass is."""

    done: int
    total: int
    current: str


def run_pass(arguments: Sequence[str], on_progress: Callable[[Progress], None]) -> PassResult:
    """Run the suite once with these options of its own.

    Whatever ends this function (Ctrl-C too) ends the suite and its servers with it.
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
    # A session of its own: Ctrl-C is for `lab bench` to handle, which then stops the suite.
    return subprocess.Popen(
        [*command, f"--benchmark-json={written}", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        pass_fds=[news],
        env={**os.environ, "LAB_PROGRESS_FD": str(news)},
        start_new_session=True,
    )


def _follow(news: Any, on_progress: Callable[[Progress], None]) -> str | None:
    """Pass the progress on; returns why the pass is void, as soon as it is."""
    total = done = 0
    for line in news:
        told = json.loads(line)
        total = told.get("collected", total)
        if told.get("outcome") == "failed" and not told["why"].startswith(VOID):
            return str(told["why"])
        if "done" in told:
            done += 1
        on_progress(Progress(done, total, told.get("done", "starting")))
    return None


def _stop(suite: subprocess.Popen[bytes]) -> None:
    """SIGINT lets pytest tear its stage down; servers that are left end with their parent."""
    if suite.poll() is not None:
        return
    suite.send_signal(signal.SIGINT)
    try:
        suite.wait(STOP_S)
    except subprocess.TimeoutExpired:
        suite.kill()
        suite.wait()


def _tail(output: Path) -> str:
    return output.read_text(errors="replace")[-4000:]
