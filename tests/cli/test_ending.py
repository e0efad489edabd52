"""Every command ends on Ctrl-C, SIGTERM and SIGHUP: quietly, with a shell's code, alone."""

from __future__ import annotations

import asyncio
import logging
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from lab.cli import ending
from lab.cli.bench.campaign import resume_command
from tests.cli.suite import still_at_work

# SIGINT as at a terminal, also where these tests run in the background of a shell that ignores it.
COMMAND = [
    sys.executable,
    "-c",
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
    "from lab.cli import main; main(prog_name='lab')",
]
PATIENCE_S = 60
# Many, since each of their handshakes is over within milliseconds.
EVERYWHERE = "core,tuned,xhr-polling,xhr-multipart,htmlfile,sse"
LONG = {
    "trace": ["trace", "websocket", "--says", "100", "--delay", "200ms"],
    "claims": ["claims"],
    "interop": ["interop", "--transports", "websocket,socketio"],
    "handshake-errors": ["handshake-errors", "--transports", EVERYWHERE],
    "reproduce-quantum": ["reproduce", "quantum", "--messages", "1000"],
    "bench": ["bench", "--transports", "websocket", "--experiment", "latency", "--passes", "2"],
}
"""What takes long enough to be interrupted: a sample of each way in which commands run things."""


@contextmanager
def running(arguments: list[str], folder: Path) -> Iterator[subprocess.Popen[str]]:
    """The command with a temporary folder of its own, which is there to be looked into."""
    (folder / "tmp").mkdir()
    with subprocess.Popen(
        [*COMMAND, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(folder / "tmp")},
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def until(process: subprocess.Popen[str], condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert process.poll() is None, f"it ended before {what}: {process.communicate()}"
        assert time.monotonic() < end, f"in {PATIENCE_S} s it never came that {what}"
        time.sleep(0.02)


def is_at_work(process: subprocess.Popen[str]) -> bool:
    """Whether a connection is open between it and its servers, or among those."""
    try:
        this = psutil.Process(process.pid)
        return any(
            line.status == psutil.CONN_ESTABLISHED
            for one in (this, *this.children(recursive=True))
            for line in one.net_connections("tcp")
        )
    except psutil.NoSuchProcess:
        return False


def is_gone(process: psutil.Process) -> bool:
    """Whether it ends in time by itself: a server finds out twice a second that it has no owner."""
    psutil.wait_procs([process], PATIENCE_S)
    return not still_at_work([process])


@pytest.mark.parametrize(
    ("name", "number"),
    [
        *((name, signal.SIGINT) for name in LONG),
        *(("trace", number) for number in (signal.SIGTERM, signal.SIGHUP)),
    ],
    ids=lambda value: value.name if isinstance(value, signal.Signals) else value,
)
def test_a_command_that_is_interrupted_says_nothing_and_leaves_nothing(
    name: str, number: signal.Signals, tmp_path: Path
) -> None:
    results = ["--results", str(tmp_path / "results")] if name == "bench" else []
    with running([*LONG[name], *results], tmp_path) as process:
        until(process, lambda: is_at_work(process), "something was connected")
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(number)
        output, errors = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 128 + number, (output, errors)
    assert "Traceback" not in output + errors
    assert errors.strip() == ""  # a progress bar ends its line
    assert [child for child in children if not is_gone(child)] == []
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_run_that_is_ended_says_how_to_go_on_with_it(tmp_path: Path) -> None:
    results = tmp_path / "re sults"
    with running([*LONG["bench"], "--results", str(results)], tmp_path) as process:
        until(process, lambda: is_at_work(process), "something was connected")
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 128 + signal.SIGTERM
    assert list((tmp_path / "tmp").iterdir()) == []
    (run,) = results.iterdir()
    assert '"status": "partial"' in (run / "run.json").read_text()
    assert output.splitlines()[-1] == (
        f"to continue this run: lab bench --resume {run.name} --results '{results}'"
    )


def test_ctrl_c_a_second_time_takes_the_hint_away_from_nobody(tmp_path: Path) -> None:
    results = tmp_path / "results"
    with running([*LONG["bench"], "--results", str(results)], tmp_path) as process:
        until(process, lambda: is_at_work(process), "something was connected")
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, errors) == (130, "")
    assert "to continue this run: lab bench --resume" in output.splitlines()[-1]
    assert [child for child in children if not is_gone(child)] == []
    assert list((tmp_path / "tmp").iterdir()) == []


def test_where_runs_are_kept_by_default_the_hint_needs_no_folder() -> None:
    assert resume_command(Path("results/20260101T000000Z-quick")) == [
        *("lab", "bench", "--resume", "20260101T000000Z-quick")
    ]


def test_a_terminal_that_is_gone_is_not_written_to(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    results = tmp_path / "results"
    process = subprocess.Popen(
        [*COMMAND, *LONG["bench"], "--results", str(results)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        text=True,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        until(process, lambda: is_at_work(process), "something was connected")
        os.close(ours)
        process.send_signal(signal.SIGHUP)
        assert process.wait(PATIENCE_S) == 128 + signal.SIGHUP
    finally:
        process.kill()
        process.wait()
    (run,) = results.iterdir()
    assert '"status": "partial"' in (run / "run.json").read_text()


async def answers_with_an_error_of_its_own() -> None:
    try:
        await interrupted()
    except asyncio.CancelledError:
        raise TimeoutError("no answer") from None


async def goes_on_all_the_same() -> None:
    with suppress(asyncio.CancelledError):
        await interrupted()


async def ends_in_order() -> None:
    await interrupted()


async def interrupted() -> None:
    signal.raise_signal(signal.SIGINT)
    await asyncio.Event().wait()


@pytest.fixture
def ctrl_c(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """SIGINT as it is in a program, whatever this test run was started from."""
    usual = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, usual)


@pytest.mark.usefixtures("ctrl_c")
@pytest.mark.parametrize(
    "main", [ends_in_order, answers_with_an_error_of_its_own, goes_on_all_the_same]
)
def test_ctrl_c_is_never_forgotten(main: Callable[[], object]) -> None:
    with pytest.raises(KeyboardInterrupt):
        ending.run(main())  # type: ignore[arg-type]  # a coroutine, by the parameters above


@pytest.mark.usefixtures("ctrl_c")
def test_what_is_cut_off_half_way_says_nothing_and_else_it_does(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def complain(cut: bool) -> None:
        asyncio.get_running_loop().call_exception_handler({"message": f"forgotten, {cut}"})
        if cut:
            try:
                await interrupted()
            finally:
                asyncio.get_running_loop().call_exception_handler({"message": "cut off"})

    with caplog.at_level(logging.ERROR), pytest.raises(KeyboardInterrupt):
        ending.run(complain(cut=False))
        ending.run(complain(cut=True))
    assert [record.message for record in caplog.records] == ["forgotten, False", "forgotten, True"]


@pytest.mark.usefixtures("ctrl_c")
def test_what_is_held_is_whole_before_it_is_interrupted() -> None:
    done = []
    with pytest.raises(KeyboardInterrupt):
        with ending.held():
            signal.raise_signal(signal.SIGINT)
            done.append("whole")
        done.append("too late")
    assert done == ["whole"]
