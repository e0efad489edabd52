"""What an experiment takes of a wire is said before anything is measured."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from lab.cli import askable, main
from lab.load.profiles import EXPERIMENTS
from transports import registry


@pytest.mark.parametrize("experiment", [*askable.TAKES, "throughput", "fan_out", "payload"])
def test_an_experiment_that_no_wire_can_be_asked_for_is_refused(
    experiment: str, tmp_path: Path
) -> None:
    results = tmp_path / "results"
    arguments = ["--experiment", experiment, "--wires", "loopback", "--driver", "raw"]
    result = CliRunner().invoke(
        main, ["bench", "--results", str(results), *arguments], terminal_width=2000
    )
    assert result.exit_code == 2
    said = " ".join(result.output.split())
    assert f"--experiment {experiment} takes a wire with " in said
    assert "which loopback has not; there are websocket, " in said
    assert not results.exists()


def test_a_cost_is_taken_apart_only_beside_a_tuned_wire() -> None:
    with pytest.raises(click.UsageError, match=r"limit-tcp, sse have not; there are websocket"):
        askable.check(["cost"], ["limit-tcp", "sse"], "raw")
    askable.check(["cost"], ["limit-tcp", "websocket~2"], "raw")


def test_the_core_wires_can_be_asked_for_everything() -> None:
    askable.check(EXPERIMENTS, list(registry.CORE), "raw")
    askable.check(EXPERIMENTS, list(registry.CORE), "library")


def test_in_process_the_library_s_driver_needs_no_socket() -> None:
    askable.check(["handshake", "latency", "throughput"], ["loopback"], "library")
