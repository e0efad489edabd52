"""What an experiment takes of a transport is said before anything is measured."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from lab.cli import main
from lab.cli.bench import requirements
from lab.load.profiles import EXPERIMENTS, Requirement
from transports import registry

DEMANDING = [
    name for name, one in EXPERIMENTS.items() if one.driven or one.requires != Requirement.NOTHING
]


@pytest.mark.parametrize("experiment", DEMANDING)
def test_an_experiment_that_no_transport_can_be_asked_for_is_refused(
    experiment: str, tmp_path: Path
) -> None:
    results = tmp_path / "results"
    arguments = ["--experiment", experiment, "--transports", "loopback", "--driver", "raw"]
    result = CliRunner().invoke(
        main, ["bench", "--results", str(results), *arguments], terminal_width=2000
    )
    assert result.exit_code == 2
    said = " ".join(result.output.split())
    assert f"--experiment {experiment} needs a transport with " in said
    assert "; loopback has none; these fit: websocket, " in said
    assert not results.exists()


def test_a_cost_is_taken_apart_only_beside_a_tuned_transport() -> None:
    with pytest.raises(click.UsageError, match=r"limit-tcp, sse have none; these fit: websocket"):
        requirements.check(["cost"], ["limit-tcp", "sse"], "raw")
    requirements.check(["cost"], ["limit-tcp", "websocket~2"], "raw")


def test_the_core_transports_can_be_asked_for_everything() -> None:
    requirements.check(EXPERIMENTS, list(registry.CORE), "raw")
    requirements.check(EXPERIMENTS, list(registry.CORE), "library")


def test_in_process_the_library_s_driver_needs_no_socket() -> None:
    requirements.check(["handshake", "latency", "throughput"], ["loopback"], "library")
