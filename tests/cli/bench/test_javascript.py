"""`lab bench` with a client in JavaScript: a run, what is refused, and that it goes on as begun."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from rich.console import Console

from lab import record
from lab.cli import main
from lab.cli.bench import command as module
from lab.cli.bench import javascript
from lab.cli.bench.passes import PassResult
from lab.cli.bench.plan import Plan, limits, plan_from_record
from lab.load.profiles import JAVASCRIPT_CLIENTS, JAVASCRIPT_EXPERIMENTS, Client
from lab.page import files
from tests.cli.bench.test_command import bench, record_figure
from tests.interop.conftest import needs
from transports._node import versions as node_versions

PLAN = Plan(
    profile="quick",
    settings="equal",
    transports=["websocket"],
    seed=1,
    passes=3,
    experiments=("latency",),
    arrivals="poisson",
    client="browser",
    rounds=1,
)
NODE = msgspec.structs.replace(PLAN, client="node")
PYTHON = msgspec.structs.replace(PLAN, client="python")
RAW = msgspec.structs.replace(PYTHON, driver="raw")


@pytest.mark.parametrize(
    ("client", "left_out", "place"),
    [
        ("browser", "no page speaks them: loopback (it has no socket", "in a browser"),
        ("node", "no client in Node speaks them: loopback (it has no socket", "in Node"),
    ],
)
def test_a_run_is_measured_recorded_and_says_what_it_is(
    client: Client, left_out: str, place: str, tmp_path: Path
) -> None:
    needs(javascript.missing(client))
    done = bench(
        tmp_path,
        *("--client", client, "--transports", "websocket,loopback"),
        *("--passes", "1", "--rounds", "1", "--experiment", "latency"),
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert left_out in done.stdout
    run = record.find(None, [tmp_path])[0]
    assert run.info.constants["client"] == client
    assert run.transports == ["websocket"]
    (reading,) = run.readings("websocket", record_figure("rtt_p50_us"))
    assert reading.value is not None
    assert (reading.value > 0, reading.lost) == (True, 0)
    assert f"{run.id} · equal settings · client {place} · 1 of 1" in done.stdout
    assert f"{place} ·" in (run.folder / "report.html").read_text()


@pytest.mark.parametrize(
    ("client", "arguments", "complaint"),
    [
        ("browser", ["--driver", "raw"], "--driver is for --client python"),
        ("node", ["--driver", "library"], "--driver is for --client python"),
        ("browser", ["--experiment", "memory"], "latency, throughput, round_trips, not memory"),
        ("node", ["--experiment", "memory"], "latency, throughput, round_trips, not memory"),
        ("browser", ["--aa", "--plant", "10"], "--plant is for --client python"),
        ("browser", ["--transports", "loopback"], "no page speaks loopback (it has no socket"),
        ("browser", ["--transports", "flashsocket"], "no page speaks flashsocket (no browser"),
        ("node", ["--transports", "sse"], "no client in Node speaks sse (its client needs"),
    ],
)
def test_what_javascript_cannot_be_asked_is_refused(
    client: Client, arguments: list[str], complaint: str, tmp_path: Path
) -> None:
    results = tmp_path / "results"
    command = ["bench", "--client", client, "--results", str(results), *arguments]
    result = CliRunner().invoke(main, command, terminal_width=300)
    assert result.exit_code == 2, result.output
    assert complaint in " ".join(result.output.split())
    assert not results.exists()


@pytest.mark.parametrize("client", JAVASCRIPT_CLIENTS)
def test_what_is_missing_is_said_with_what_to_do(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ["bench", "--client", client, "--results", str(tmp_path / "results")]
    command += ["--transports", "websocket"]
    monkeypatch.setattr(javascript, "chromium_unavailable", lambda: None)
    monkeypatch.setattr(node_versions, "unavailable", lambda _package: None)
    monkeypatch.setattr(files, "STATIC", tmp_path)
    monkeypatch.setattr(files, "NODE_BENCH", tmp_path / "bench.cjs")
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 2
    assert "is not built: run `make page` in a checkout" in result.output

    monkeypatch.setattr(javascript, "chromium_unavailable", lambda: "needs Chromium: get it")
    monkeypatch.setattr(
        node_versions, "unavailable", lambda _package: "needs Node 18 or newer: get it"
    )
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 2
    assert "Error: needs " in result.output
    assert result.output.endswith(": get it\n")
    assert not (tmp_path / "results").exists()


@pytest.mark.parametrize("client", JAVASCRIPT_CLIENTS)
def test_the_default_experiments_are_all_that_javascript_has(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(javascript, "check_installed", lambda _client: None)
    console, one = Console(quiet=True), ["websocket"]
    found = javascript.in_javascript(client, one, (), None, console)
    assert found == (one, JAVASCRIPT_EXPERIMENTS)
    chosen = ("latency",)
    assert javascript.in_javascript(client, one, chosen, None, console) == (one, chosen)


def begun(results: Path, plan: Plan) -> record.Run:
    """A run of this plan, interrupted before its first pass."""
    writer = record.create(
        results,
        plan.profile,
        settings=plan.settings,
        transports=plan.described(),
        seed=plan.seed,
        planned_passes=plan.passes,
        constants=plan.constants(),
        limits=limits(),
        command=["lab", "bench"],
    )
    return writer.finish("partial")


@pytest.mark.parametrize(
    ("plan", "client_kind"),
    [(PLAN, "browser"), (NODE, "node"), (PYTHON, "library"), (RAW, "raw")],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_plan_is_read_back_with_its_client(plan: Plan, client_kind: str, tmp_path: Path) -> None:
    run = begun(tmp_path, plan)
    assert run.info.constants["client"] == client_kind
    assert plan_from_record(run.info) == plan


@pytest.mark.parametrize("plan", [PLAN, NODE], ids=JAVASCRIPT_CLIENTS)
def test_a_run_is_resumed_with_its_client(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(tmp_path, plan)
    told: list[list[str]] = []

    def interrupted(arguments: list[str], _on_progress: object) -> PassResult:
        told.append(arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "run_pass", interrupted)
    monkeypatch.setattr(javascript, "check_installed", lambda _client: None)
    result = CliRunner().invoke(main, ["bench", "--resume", "--results", str(tmp_path)])
    assert result.exit_code == 130, result.output
    (arguments,) = told
    assert arguments[arguments.index("--client") + 1] == plan.client


def test_runs_of_different_clients_are_not_compared(tmp_path: Path) -> None:
    ours, theirs = begun(tmp_path, PLAN), begun(tmp_path, PYTHON)
    command = ["compare", ours.id, theirs.id, "--results", str(tmp_path)]
    result = CliRunner().invoke(main, command, terminal_width=300)
    assert result.exit_code == 2
    assert re.search(r"client +browser +library", result.output)
