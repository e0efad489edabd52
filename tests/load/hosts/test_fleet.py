"""A fleet of two real Dask workers: what it measures, what it refuses, and when one is lost."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import record
from lab.measure import histogram
from tests.load.hosts.dask_cluster import Cluster, cluster
from tests.load.hosts.waiting import PATIENCE_S, wait_until

ROOT = Path(__file__).parents[3]
MESSAGES = {10: 120, 100: 48}
"""Of the quick profile: room size -> messages in a round."""


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("cluster")) as made:
        yield made


def lab(*words: str, path: Path = ROOT) -> subprocess.Popen[str]:
    """Begin the command `lab` of the checkout at `path`."""
    return subprocess.Popen(
        [sys.executable, "-m", "lab.cli", *words],
        env={**os.environ, "PYTHONPATH": str(path), "COLUMNS": "400"},
        cwd=path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def said(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Its exit code, and what it said."""
    with process:
        output, _ = process.communicate(timeout=4 * PATIENCE_S)
    assert "Traceback" not in output, output
    return process.returncode, output


def bench(fleet: Cluster, *words: str, path: Path = ROOT) -> subprocess.Popen[str]:
    return lab("bench", "--fleet", f"dask://{fleet.scheduler}", *words, path=path)


def reachable(fleet: Cluster) -> list[str]:
    return ["--listen", fleet.here, "--share"] if fleet.apart else []


def other_checkout(folder: Path) -> Path:
    """The lab, with one line more."""
    for package in ("lab", "transports", "benchmarks"):
        ignored = shutil.ignore_patterns("__pycache__", "node_modules", "static", "site")
        shutil.copytree(ROOT / package, folder / package, ignore=ignored)
    with (folder / "lab" / "service.py").open("a") as source:
        source.write("\n# A change.\n")
    return folder


def test_what_a_fleet_refuses(
    two_workers: Cluster, subtests: pytest.Subtests, tmp_path: Path
) -> None:
    with subtests.test("workers of another version"):
        changed = other_checkout(tmp_path / "other")
        code, output = said(bench(two_workers, *reachable(two_workers), path=changed))
        assert code == 2
        assert "another version of the lab is on ada on host 1, bob on host" in output
    if two_workers.apart:
        with subtests.test("a server that the workers can't reach"):
            code, output = said(bench(two_workers))
            assert code == 2
            assert "can't be reached from ada on host 1, bob on host 2" in output
            assert "--listen ADDRESS --share" in output


def test_a_run_merges_what_the_workers_counted_and_a_lost_one_makes_its_pass_void(
    two_workers: Cluster, tmp_path: Path
) -> None:
    words = ["--transports", "websocket", "--passes", "2", "--rounds", "1"]
    words += ["--results", str(tmp_path)]
    process = bench(two_workers, *words, *reachable(two_workers))
    wait_until(
        lambda: process.poll() is not None or any(tmp_path.glob("*/passes/*")), "a pass ended"
    )
    os.kill(two_workers.workers["bob"].pid, signal.SIGKILL)
    code, output = said(process)
    assert code == 1, output

    (folder,) = tmp_path.iterdir()
    run = record.load(folder)
    assert len(run.passes) == 1
    (void,) = run.void_passes
    assert "bob on host" in str(void)
    counted = [each.extra_info for each in run.passes[1].benchmarks]
    assert {each.room_size for each in counted} == {*MESSAGES}
    for each in counted:
        assert each.room_size is not None
        messages = 2 * MESSAGES[each.room_size]
        assert (each.lost, each.delivered) == (0, messages * each.room_size)
        assert each.samples_hdr is not None
        assert histogram.decode(each.samples_hdr).count == each.operations == messages
        assert each.load_cpu_ns > 0
        assert each.server_cpu_ns is not None
    fleet = run.info.constants["fleet"]
    assert fleet["workers"] == run.info.constants["load_processes"] == 2
    assert [label.split()[0] for label in fleet["labels"]] == ["ada", "bob"]
    host, port = two_workers.scheduler.split(":")
    kept = "".join(file.read_text("utf-8") for file in folder.glob("*.json"))
    assert port not in json.dumps(run.info.command) and "--fleet" in run.info.command
    assert not two_workers.apart or host not in kept
