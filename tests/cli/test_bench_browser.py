"""`lab bench --client browser`: a run of it, what it refuses, and that it goes on as it began."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from rich.console import Console

from lab import record
from lab.cli import bench as module
from lab.cli import browser, main
from lab.cli.passes import PassResult
from lab.cli.plan import Plan, limits, of_record
from lab.interop.chromium import chromium_unavailable
from lab.load.profiles import BROWSER_EXPERIMENTS
from lab.page import files
from tests.cli.test_bench import bench, record_figure
from tests.interop.conftest import needs

PLAN = Plan(
    profile="quick",
    settings="equal",
    wires=["websocket"],
    seed=1,
    passes=3,
    experiments=("latency",),
    arrivals="poisson",
    client="browser",
    rounds=1,
)
PYTHON = msgspec.structs.replace(PLAN, client="python")
RAW = msgspec.structs.replace(PYTHON, driver="raw")


def test_a_run_in_a_browser_is_measured_recorded_and_says_what_it_is(tmp_path: Path) -> None:
    needs(chromium_unavailable())
    needs(None if (files.STATIC / browser.PAGE).is_file() else browser.NOT_BUILT)
    done = bench(
        tmp_path,
        *("--client", "browser", "--wires", "websocket,loopback,sse"),
        *("--passes", "1", "--rounds", "1", "--experiment", "latency"),
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "left out, since no page speaks them: loopback (it has no socket" in done.stdout
    run = record.find(None, [tmp_path])[0]
    assert run.info.constants["client"] == "browser"
    assert run.wires == ["websocket", "sse"]
    for wire in run.wires:
        (reading,) = run.readings(wire, record_figure("rtt_p50_us"))
        assert reading.value is not None
        assert (reading.value > 0, reading.lost) == (True, 0)
    assert f"{run.id} · quick profile · equal settings · in a browser · 1 of 1" in done.stdout
    assert "in a browser ·" in (run.folder / "report.html").read_text()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--driver", "raw"], "--driver is for --client python"),
        (["--driver", "library"], "--driver is for --client python"),
        (["--experiment", "memory"], "measures handshake, latency, throughput, not memory"),
        (["--aa", "--plant", "10"], "--plant is for --client python"),
        (["--wires", "loopback"], "no page speaks loopback (it has no socket"),
        (["--wires", "flashsocket"], "no page speaks flashsocket (no browser runs it"),
    ],
)
def test_what_a_browser_cannot_be_asked_is_refused(
    arguments: list[str], complaint: str, tmp_path: Path
) -> None:
    results = tmp_path / "results"
    command = ["bench", "--client", "browser", "--results", str(results), *arguments]
    result = CliRunner().invoke(main, command, terminal_width=300)
    assert result.exit_code == 2, result.output
    assert complaint in " ".join(result.output.split())
    assert not results.exists()


def test_what_is_missing_is_said_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ["bench", "--client", "browser", "--results", str(tmp_path / "results")]
    monkeypatch.setattr(browser, "chromium_unavailable", lambda: None)
    monkeypatch.setattr(files, "STATIC", tmp_path)
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 1
    assert f"Error: {browser.NOT_BUILT}" in result.output

    monkeypatch.setattr(browser, "chromium_unavailable", lambda: "needs Chromium: get it")
    result = CliRunner().invoke(main, command)
    assert (result.exit_code, "Error: needs Chromium: get it" in result.output) == (1, True)
    assert not (tmp_path / "results").exists()


def test_the_default_experiments_are_all_that_a_browser_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(browser, "check_browser", lambda: None)
    console = Console(quiet=True)
    assert browser.in_a_browser(["sse"], (), None, console) == (["sse"], BROWSER_EXPERIMENTS)
    assert browser.in_a_browser(["sse"], ("latency",), None, console) == (["sse"], ("latency",))


def begun(results: Path, plan: Plan) -> record.Run:
    """A run of this plan, interrupted before its first pass."""
    writer = record.create(
        results,
        plan.profile,
        settings=plan.settings,
        wires=plan.described(),
        seed=plan.seed,
        planned_passes=plan.passes,
        constants=plan.constants(),
        limits=limits(),
        command=["lab", "bench"],
    )
    return writer.finish("partial")


@pytest.mark.parametrize(
    ("plan", "asker"),
    [(PLAN, "browser"), (PYTHON, "library"), (RAW, "raw")],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_plan_is_read_back_with_its_client(plan: Plan, asker: str, tmp_path: Path) -> None:
    run = begun(tmp_path, plan)
    assert run.info.constants["client"] == asker
    assert of_record(run.info) == plan


def test_a_run_in_a_browser_is_resumed_in_a_browser(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(tmp_path, PLAN)
    told: list[list[str]] = []

    def interrupted(arguments: list[str], _on_progress: object) -> PassResult:
        told.append(arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "run_pass", interrupted)
    monkeypatch.setattr(browser, "check_browser", lambda: None)
    result = CliRunner().invoke(main, ["bench", "--resume", "--results", str(tmp_path)])
    assert result.exit_code == 130, result.output
    (arguments,) = told
    assert arguments[arguments.index("--client") + 1] == "browser"


def test_runs_of_different_clients_are_not_compared(tmp_path: Path) -> None:
    ours, theirs = begun(tmp_path, PLAN), begun(tmp_path, PYTHON)
    command = ["compare", ours.id, theirs.id, "--results", str(tmp_path)]
    result = CliRunner().invoke(main, command, terminal_width=300)
    assert result.exit_code == 2
    assert "client: browser against library" in result.output
