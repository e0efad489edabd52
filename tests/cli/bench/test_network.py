"""`lab bench --network`: what it refuses, and what a run says of its network."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import msgspec
import pytest
from click.testing import CliRunner
from rich.console import Console

from lab import record
from lab.cli import main
from lab.cli.bench import command, subjects
from lab.cli.bench.command import BenchOptions, make_plan
from lab.cli.bench.plan import limits, plan_from_record
from lab.cli.bench.subjects import ACROSS_A_LINK
from lab.link import Conditions, Network, unavailable
from lab.link.presets import PRESETS
from lab.report.text.tables import heading
from tests.interop.conftest import needs

MS = 1_000_000


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--network", "pigeon"], "'dc', 'cable', 'lte'"),
        (["--loss", "1.5"], "0<=x<=1"),
        (["--jitter", "3ms"], "must not exceed the delay"),
        (["--loss", "0.1", "--client", "node"], "for --client python"),
        (["--loss", "0.1", "--experiment", "bytes"], "not bytes"),
        (["--network", "lte", "--experiment", "loss"], "not loss"),
        (["--delay", "1ms", "--transports", "loopback"], "a transport with its own server"),
        (["--loss", "0.1", "--target", "x.toml"], "--target is not for --loss"),
    ],
    ids=str,
)
def test_what_cannot_be_measured_is_refused(words: list[str], complaint: str) -> None:
    result = CliRunner().invoke(main, ["bench", *words], terminal_width=200)
    assert result.exit_code == 2
    assert complaint in " ".join(result.output.split())


@pytest.mark.parametrize("given", [{"network": "lte"}, {"experiments": ("loss",)}], ids=str)
def test_without_the_right_to_open_a_link_nothing_begins(
    given: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lab.cli.network.unavailable", lambda: "a link needs root")
    options = BenchOptions(seed=1, **{"transports": ["websocket"], **given})
    with pytest.raises(click.UsageError, match="a link needs root"):
        make_plan(options, Console(quiet=True))


def test_the_network_is_part_of_the_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(subjects, "check_able", lambda: None)
    options = BenchOptions(seed=1, transports=["websocket"], network="lte", loss=0.05)
    plan = make_plan(options, Console(quiet=True))
    assert plan.experiments == ACROSS_A_LINK
    lte = PRESETS["lte"].network
    lossy = msgspec.structs.replace(lte.up, loss=0.05)
    assert plan.network == Network(up=lossy, down=lossy, seed=1)
    assert plan.network_json() in plan.pass_arguments(1)
    run = record.create(
        tmp_path,
        plan.profile,
        transports=plan.described(),
        seed=1,
        planned_passes=1,
        constants=plan.constants(),
        limits=limits(),
    ).finish()
    assert plan_from_record(run.info) == plan
    assert "loss 5 %" in heading(run)
    plain = make_plan(BenchOptions(seed=1, transports=["websocket"]), Console(quiet=True))
    assert plain.network is None
    assert "--network" not in plain.pass_arguments(1)
    assert plain.constants().keys() == plan.constants().keys() - {"network"}


def test_a_command_is_recorded_as_it_can_be_given_again() -> None:
    words = ["--network", "lte", "--delay", "20ms", "--loss", "0.05", "--rate", "125kB"]
    with command.bench.make_context("bench", [*words]) as ctx:
        assert command.command(ctx) == ["lab", "bench", *words]


def test_a_server_is_measured_across_a_link(tmp_path: Path) -> None:
    needs(unavailable())
    shape = ["--delay", "5ms", "--loss", "0.02", "--transports", "websocket,node-websocket"]
    least = ["--experiment", "latency", "--passes", "1", "--rounds", "1"]
    done = subprocess.run(
        [sys.executable, "-m", "lab.cli", "bench", *shape, *least, "--results", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=250,
        env={**os.environ, "COLUMNS": "200"},
    )
    assert done.returncode == 0, done.stdout
    assert "delay 5 ms, loss 2 %, each way" in done.stdout
    assert "not measured here" not in done.stdout, "no figure of a run without a link"
    run = record.find(None, [tmp_path])[0]
    for name in run.transports:
        (rtt,) = run.values(name, record.BY_KEY["rtt_p50_us"]).values()
        assert rtt >= 10_000, "two delays of 5 ms"
    conditions = Conditions(delay_ns=5 * MS, loss=0.02)
    assert msgspec.convert(run.info.constants["network"], Network).up == conditions
