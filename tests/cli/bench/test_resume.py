"""`lab bench --resume` and `--aa`, end to end: gone on with, or refused with the reasons."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from lab import record
from lab.cli import main
from lab.record import Run
from lab.report.model.summary import summarise
from tests.cli.bench.test_command import SMALL, bench, benching, eventually, run_json

PATIENCE_S = 60


def refused(*arguments: str) -> str:
    result = CliRunner().invoke(main, ["bench", *arguments], terminal_width=300)
    assert result.exit_code == 2, result.output
    return " ".join(result.output.split())


def interrupted(results: Path) -> Run:
    """A run of four passes, ended after its first by Ctrl-C."""
    arguments = ["--transports", "websocket", "--passes", "4", "--seed", "5", *SMALL]
    with benching(results, *arguments) as process:
        eventually(
            process, lambda: len(run_json(results).get("passes", [])) >= 1, "a pass was kept"
        )
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130, output
    run = record.find(None, [results])[0]
    assert f"to continue this run: lab bench --resume {run.id}" in output
    assert (run.info.status, len(run.info.passes) < 4) == ("partial", True)
    return run


def test_an_interrupted_run_goes_on_to_its_end_and_no_further(tmp_path: Path) -> None:
    half = interrupted(tmp_path)
    made = len(half.info.passes)
    kept = (half.folder / "passes/pass-01.json").read_bytes()

    done = bench(tmp_path, "--resume")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"pass {made + 1} of 4" in done.stdout
    assert "pass 1 of" not in done.stdout

    run = record.find(None, [tmp_path])[0]
    assert (run.id, run.info.status, run.info.seed) == (half.id, "complete", 5)
    assert (list(run.passes), len(run.info.resumed)) == ([1, 2, 3, 4], 1)
    assert run.info.constants == half.info.constants
    assert (run.folder / "passes/pass-01.json").read_bytes() == kept
    assert all(one.other_load_cores is not None for one in run.info.passes)
    # As it was asked for, and nothing that tells where: a run is made to be published.
    asked = ["--transports", "websocket", "--experiment", "latency", "--passes", "4", "--seed", "5"]
    assert run.info.command == ["lab", "bench", *asked]
    assert str(tmp_path) not in (run.folder / "run.json").read_text()

    assert f"{run.id} is complete: no pass is missing" in refused(
        "--resume", run.id, "--results", str(tmp_path)
    )
    assert f"there is no interrupted run in {tmp_path}" in refused(
        "--resume", "--results", str(tmp_path)
    )


def test_what_has_changed_is_refused_with_the_reason(tmp_path: Path) -> None:
    half = interrupted(tmp_path)
    path = half.folder / "environment.json"
    content = json.loads(path.read_text())
    content["machine"]["cpu"] = "Another CPU"
    path.write_text(json.dumps(content))
    said = refused("--resume", half.id, "--results", str(tmp_path))
    assert f"{half.id} can't be continued here and now: CPU: Another CPU against" in said


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--resume", "--transports", "websocket"], "leave out --transports"),
        (["--resume", "--aa", "--passes", "3"], "leave out --passes, --aa"),
        (["--resume", "nonesuch"], "no run called 'nonesuch'"),
        (["--plant", "10"], "so it needs --aa"),
        (["--aa", "--plant", "0"], "0.0 is not in the range"),
        (["--aa", "--transports", "loopback"], "with its own server, and loopback has none"),
        (["--aa", "--experiment", "bytes"], "bytes measures once"),
        (["--arrivals", "bursts"], "'bursts' is not one of 'constant', 'poisson'"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    arguments: list[str], complaint: str, tmp_path: Path
) -> None:
    results = tmp_path / "results"
    assert complaint in refused("--results", str(results), *arguments)
    assert not results.exists()


def test_a_transport_is_measured_against_itself_with_a_slowdown_planted(tmp_path: Path) -> None:
    arguments = ["--transports", "websocket", "--aa", "--plant", "50", "--passes", "1"]
    done = bench(tmp_path, *arguments)
    assert (done.returncode, done.stderr) == (0, ""), (
        "one pass says nothing, so nothing is at fault"
    )
    run = record.find(None, [tmp_path])[0]
    assert run.transports == ["websocket", "websocket~2"]
    assert sorted(run.info.passes[0].order) == run.transports
    (planted,) = run.info.constants["planted_ns_per_delivery"].items()
    assert (planted[0], planted[1] > 0) == ("websocket~2", True)
    found = summarise(run).against_itself
    assert found is not None
    assert {pair.transport for pair in found.pairs} == {"websocket"}
    assert found.planted == dict([planted])
    assert "Each transport against itself" in done.stdout
    assert sys.executable not in (run.folder / "run.json").read_text()
