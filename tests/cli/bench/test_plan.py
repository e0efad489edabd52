"""What a run is going to do, as its record keeps it."""

from __future__ import annotations

import os
from pathlib import Path

import click
import msgspec
import pytest
from rich.console import Console

from lab import record
from lab.cli.bench import subjects
from lab.cli.bench.command import BenchOptions, make_plan
from lab.cli.bench.plan import Plan, plan_from_record
from lab.cluster import programs
from lab.load.profiles import NODES, PROXIES, STORM, Client, Driver


@pytest.mark.parametrize(
    ("driver", "client", "processes"),
    [("raw", "python", 3), ("library", "python", 1), ("raw", "browser", 1)],
)
def test_in_how_many_processes_the_load_may_be_is_kept(
    driver: Driver, client: Client, processes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {1000, 1001, 1002, 1003})
    plan = Plan(
        profile="quick",
        settings="equal",
        transports=["websocket"],
        seed=1,
        passes=1,
        experiments=("throughput",),
        arrivals="constant",
        driver=driver,
        client=client,
        rounds=1,
    )
    assert plan.constants()["load_processes"] == processes


def test_the_clients_of_a_storm_are_kept_and_mean_nothing_elsewhere(tmp_path: Path) -> None:
    options = BenchOptions(experiments=(STORM,), transports=["websocket"], clients=7, seed=1)
    plan = make_plan(options, Console(quiet=True))
    words = plan.pass_arguments(1)
    assert words[words.index("--clients") + 1] == "7"
    writer = record.create(
        tmp_path,
        plan.profile,
        transports={"websocket": {}},
        seed=1,
        planned_passes=1,
        constants=plan.constants(),
    )
    assert plan_from_record(writer.info).clients == 7
    with pytest.raises(click.UsageError, match="--clients is for --experiment storm"):
        make_plan(BenchOptions(transports=["websocket"], clients=7), Console(quiet=True))


def test_joined_nodes_have_the_libraries_that_fit_and_nothing_beside_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = ["loopback", "socketio-websocket", "node-socketio-websocket"]
    options = BenchOptions(experiments=(NODES,), transports=asked, seed=1)
    quiet = Console(quiet=True)
    monkeypatch.setattr(subjects, "check_redis", lambda: None)
    plan = make_plan(options, quiet)
    assert "loopback" not in plan.transports
    assert plan.transports[:2] == ["socketio-websocket", "socketio-websocket+redis-manager"]
    assert plan.transports[-3:] == [
        "node-socketio-websocket",
        "node-socketio-websocket+redis-adapter",
        "node-socketio-websocket+redis-streams",
    ]
    both = msgspec.structs.replace(options, experiments=(NODES, STORM))
    with pytest.raises(click.UsageError, match="leave out storm"):
        make_plan(both, quiet)
    with pytest.raises(click.UsageError, match="not nodes"):
        make_plan(msgspec.structs.replace(options, tls=True), quiet)
    with pytest.raises(click.UsageError, match="nodes that can be joined"):
        make_plan(msgspec.structs.replace(options, transports=["loopback"]), quiet)
    monkeypatch.undo()
    monkeypatch.setattr(programs, "ADMIN_PATHS", "")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(click.UsageError, match="redis-server is not installed"):
        make_plan(options, quiet)


def test_a_proxy_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "ADMIN_PATHS", "")
    monkeypatch.setenv("PATH", "")
    options = BenchOptions(experiments=(PROXIES,), transports=["websocket"], seed=1)
    with pytest.raises(click.UsageError, match="nginx is not installed: apt install nginx; hapr"):
        make_plan(options, Console(quiet=True))
