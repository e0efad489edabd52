"""`lab bench`, end to end: a run and its report, and every way in which a run can be spoilt."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import psutil
import pytest
from click.testing import CliRunner

from lab import record
from lab.cli import main
from lab.cli.bench import command as module
from lab.cli.bench.passes import PassResult
from lab.load.profiles import EXPERIMENTS, PROFILES
from tests.cli.suite import still_at_work
from transports import registry

# SIGINT as at a terminal, also where these tests run in the background of a shell that ignores it.
COMMAND = [
    sys.executable,
    "-c",
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
    "from lab.cli import main; main(prog_name='lab')",
    "bench",
]
SMALL = ["--experiment", "latency"]
PATIENCE_S = 60

T = TypeVar("T")


def bench(results: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, "--results", str(results), *arguments],
        capture_output=True,
        text=True,
        timeout=3 * PATIENCE_S,
        env={**os.environ, "COLUMNS": "160"},
        check=False,
    )


@contextmanager
def benching(results: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """The command in a process and a session of its own."""
    with subprocess.Popen(
        [*COMMAND, "--results", str(results), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "COLUMNS": "160"},
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def run_json(results: Path) -> dict[str, Any]:
    """The one run's run.json; empty while there is none."""
    found = list(results.glob("*/run.json"))
    assert len(found) <= 1
    content: dict[str, Any] = json.loads(found[0].read_text()) if found else {}
    return content


def server_of(process: subprocess.Popen[str]) -> psutil.Process | None:
    """The server that the bench is measuring: one that somebody is connected to just now."""
    try:
        for child in psutil.Process(process.pid).children(recursive=True):
            if child.cmdline()[1:4] == ["-m", "lab.cli", "serve"] and any(
                line.status == psutil.CONN_ESTABLISHED for line in child.net_connections("tcp")
            ):
                return child
    except psutil.NoSuchProcess:
        pass  # it ended between being listed and being asked: then there is none
    return None


def eventually(process: subprocess.Popen[str], condition: Callable[[], T], what: str) -> T:
    """Wait until `condition` gives something; returns that."""
    end = time.monotonic() + PATIENCE_S
    while not (found := condition()):
        assert process.poll() is None, f"lab bench ended before {what}: {process.communicate()}"
        assert time.monotonic() < end, f"in {PATIENCE_S} s it never came that {what}"
        time.sleep(0.02)
    return found


def test_a_run_is_measured_recorded_drawn_and_shown(tmp_path: Path) -> None:
    done = bench(
        tmp_path,
        *("--transports", "websocket,loopback", "--passes", "1", "--seed", "7"),
        *("--experiment", "handshake", "--experiment", "latency"),
    )
    assert (done.returncode, done.stderr) == (0, "")

    run = record.find(None, [tmp_path])[0]
    assert (run.info.status, run.info.seed, run.info.settings) == ("complete", 7, "equal")
    assert run.transports == ["loopback", "websocket"]
    assert [(each.void, each.file) for each in run.info.passes] == [(None, "passes/pass-01.json")]
    assert sorted(run.info.passes[0].order) == run.transports
    for key in ("connect_p50_ms", "join_p50_ms", "rtt_p50_us", "rtt_p99_us", "last_of_10_p50_us"):
        for transport in run.transports:
            (reading,) = run.readings(transport, record_figure(key))
            assert reading.value is not None, key
            assert (reading.value > 0, reading.lost) == (True, 0)
    assert run.environment["machine"]["cores"] == os.cpu_count()

    assert (run.folder / "histograms.json").stat().st_size
    pictures = list((run.folder / "pictures").iterdir())
    kinds = {path.suffix: path.read_bytes()[:8] for path in pictures}
    assert kinds[".png"] == b"\x89PNG\r\n\x1a\n"
    assert kinds[".svg"].startswith(b"<?xml")
    page = (run.folder / "report.html").read_text()
    assert "websocket" in page
    assert list(run.folder.rglob("*.tmp")) == []

    assert "On Python" in done.stdout
    assert "RTT p50, µs" in done.stdout
    assert "verdict" not in done.stdout, "the tables are for --details"
    assert f"report: {run.folder / 'report.html'}" in done.stdout


def test_a_run_of_the_raw_driver_says_so_and_what_it_leaves_out(tmp_path: Path) -> None:
    done = bench(
        tmp_path,
        *("--transports", "websocket,loopback", "--passes", "1"),
        *("--driver", "raw", "--experiment", "throughput", "--details"),
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "throughput without loopback: no raw client speaks it" in done.stdout
    run = record.find(None, [tmp_path])[0]
    assert run.info.constants["client"] == "raw"
    assert "--details" not in run.info.command
    assert f"{run.id} · quick profile · equal settings · 1 of 1 passes" in done.stdout
    assert "to everyone in a room; raw client" in done.stdout
    cost = record_figure("server_cpu_us_per_delivery_100")
    assert [reading.lost for reading in run.readings("websocket", cost)] == [0]
    assert run.readings("loopback", cost) == []


def record_figure(key: str) -> record.Figure:
    return next(figure for figure in record.FIGURES if figure.key == key)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (
            ["--transports", "websockt"],
            f"no transport websockt; there are {', '.join(registry.TRANSPORTS)}",
        ),
        (["--transports", ""], f"there are {', '.join(registry.TRANSPORTS)}"),
        (["--profile", "slow"], f"'slow' is not one of {', '.join(map(repr, PROFILES))}"),
        (["--passes", "0"], "0 is not in the range 1<=x<=100"),
        (["--passes", "many"], "'many' is not a valid integer"),
        (["--experiment", "magic"], f"'magic' is not one of {', '.join(map(repr, EXPERIMENTS))}"),
        (["--settings", "fast"], "'fast' is not one of 'equal', 'stock'"),
    ],
)
def test_bad_input_is_refused_with_what_there_is(
    arguments: list[str], complaint: str, tmp_path: Path
) -> None:
    results = tmp_path / "results"
    command = ["bench", "--results", str(results), *arguments]
    result = CliRunner().invoke(main, command, terminal_width=300)
    assert result.exit_code == 2
    assert complaint in " ".join(result.output.split())
    assert not results.exists()


def test_a_results_folder_that_cannot_be_written_is_said_before_anything_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setattr(module, "run_pass", lambda *_: pytest.fail("it was measured"))
    results = tmp_path / "file" / "results"
    result = CliRunner().invoke(
        main, ["bench", "--transports", "loopback", "--results", str(results)]
    )
    assert result.exit_code == 1
    assert f"Error: the results folder {results} can't be written: " in result.output
    assert "choose another with --results" in result.output


def test_a_pass_that_cannot_be_kept_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "run_pass", lambda *_: PassResult(b'{"benchmarks": 1}', None))
    command = [
        "bench",
        "--transports",
        "loopback",
        "--passes",
        "1",
        "--results",
        str(tmp_path),
        *SMALL,
    ]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 1
    assert "Error: pass 1: damaged: " in result.output


def test_ctrl_c_keeps_the_finished_passes_and_leaves_no_process(tmp_path: Path) -> None:
    with benching(tmp_path, "--transports", "websocket", "--passes", "9", *SMALL) as process:
        eventually(
            process, lambda: len(run_json(tmp_path).get("passes", [])) >= 1, "a pass was kept"
        )
        eventually(process, lambda: server_of(process), "a server in mid-pass")
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130, output
    assert still_at_work(children) == []

    run = record.find(None, [tmp_path])[0]
    assert (run.info.status, run_json(tmp_path)["status"]) == ("partial", "partial")
    assert 1 <= len(run.passes) < 9
    assert run.void_passes == []
    assert "PARTIAL" in output
    assert "RTT p50, µs" in output
    assert (run.folder / "report.html").exists()
    assert "Traceback" not in output


def test_ctrl_c_in_the_first_pass_leaves_a_run_that_says_so(tmp_path: Path) -> None:
    with benching(tmp_path, "--transports", "websocket", "--passes", "2", *SMALL) as process:
        eventually(process, lambda: server_of(process), "a server in mid-pass")
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130, output
    assert still_at_work(children) == []
    assert "no pass was finished" in output
    assert "Traceback" not in output
    assert run_json(tmp_path)["status"] == "partial"


def test_a_server_killed_in_mid_pass_voids_that_pass_and_no_other(tmp_path: Path) -> None:
    with benching(tmp_path, "--transports", "websocket", "--passes", "2", *SMALL) as process:
        server = eventually(process, lambda: server_of(process), "a server in mid-pass")
        assert server is not None
        server.kill()
        output, _ = process.communicate(timeout=2 * PATIENCE_S)
    assert process.returncode == 1, output
    obituary = "the server of websocket ended by signal 9; its stderr:"
    assert obituary in output

    run = record.find(None, [tmp_path])[0]
    assert [each.index for each in run.void_passes] == [1]
    assert obituary in (run.void_passes[0].void or "")
    assert list(run.passes) == [2]
    assert run.info.status == "partial"
    assert "RTT p50" in output
