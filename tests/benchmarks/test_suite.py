"""The suite under plain pytest: what it writes, what it refuses, what it does not let pass."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import msgspec

from lab.load.profiles import EXPERIMENTS, PROFILES, Requirement
from lab.measure import histogram
from lab.measure.figures import Counts
from tests.cli.suite import ROOT, copy_suite, plant_leaky_transport
from transports import registry
from transports._shared.extras import installing

PATIENCE_S = 120


def suite(*arguments: str, folder: Path | str = "benchmarks") -> subprocess.CompletedProcess[str]:
    """`pytest benchmarks` with these arguments, from the root of the checkout."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
    return subprocess.run(
        [sys.executable, "-m", "pytest", str(folder), "-p", "no:cacheprovider", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def test_plain_pytest_measures_what_k_selects_and_counts_it(tmp_path: Path) -> None:
    written = tmp_path / "benchmark.json"
    done = suite("-k", "websocket and latency", f"--benchmark-json={written}")
    assert done.returncode == 0, done.stdout
    content = json.loads(written.read_text())
    assert content["machine_info"]["node"] == ""

    transports = [name for name in registry.CORE if "websocket" in name]
    names = {benchmark["name"] for benchmark in content["benchmarks"]}
    assert names == {f"test_{t}[{w}]" for t in ("say_rtt", "last_of_room") for w in transports}
    profile = PROFILES["quick"]
    for benchmark in content["benchmarks"]:
        counts = msgspec.convert(benchmark["extra_info"], Counts, strict=True)
        assert benchmark["name"].endswith(f"[{counts.transport}]")
        assert counts.experiment == "latency"
        rtt = counts.measure == "rtt"
        per_round = profile.round_trips if rtt else profile.room_messages
        assert counts.operations == per_round * profile.rounds
        assert counts.samples_hdr is not None
        assert histogram.decode(counts.samples_hdr).count == counts.operations
        expected = 0 if rtt else 10 * counts.operations
        assert (counts.expected, counts.delivered, counts.lost) == (expected, expected, 0)
        assert counts.payload_bytes == profile.payload_bytes
        assert counts.server_cpu_ns is not None
        assert counts.server_cpu_ns > 0
        assert counts.load_cpu_ns > 0
        assert counts.saturated in ("server", "load", "both", "neither")


def test_the_raw_driver_asks_the_transports_that_it_speaks_and_counts_the_same(
    tmp_path: Path,
) -> None:
    written = tmp_path / "benchmark.json"
    transports = ["loopback", "websocket", "socketio-polling"]
    arguments = [
        "--driver",
        "raw",
        "--experiments",
        "throughput",
        "--transports",
        ",".join(transports),
    ]
    done = suite(*arguments, f"--benchmark-json={written}")
    assert done.returncode == 0, done.stdout
    profile = PROFILES["quick"]
    found = json.loads(written.read_text())["benchmarks"]
    infos = [msgspec.convert(each["extra_info"], Counts, strict=True) for each in found]
    rooms = profile.fan_out_messages
    assert {(c.transport, c.room_size) for c in infos} == {
        (w, r) for w in transports[1:] for r in rooms
    }
    for counts in infos:
        assert counts.room_size is not None
        assert (counts.client, counts.lost, counts.window) == ("raw", 0, profile.window)
        assert counts.operations == rooms[counts.room_size] * profile.rounds
        assert counts.delivered == counts.operations * counts.room_size
        assert counts.server_cpu_ns is not None
        assert counts.server_cpu_ns > 0


def test_load_looks_for_a_knee_and_keeps_every_step(tmp_path: Path) -> None:
    written = tmp_path / "benchmark.json"
    arguments = [
        "--experiments",
        "load",
        "--transports",
        "loopback,websocket",
        "--arrivals",
        "constant",
    ]
    done = suite(*arguments, f"--benchmark-json={written}")
    assert done.returncode == 0, done.stdout
    infos = [each["extra_info"] for each in json.loads(written.read_text())["benchmarks"]]
    found = {info["measure"]: msgspec.convert(info, Counts, strict=True) for info in infos}
    assert {info["transport"] for info in infos} == {"websocket"}, (
        "loopback has no server of its own"
    )
    knee, modest = found["knee"].detail, found["modest_rate"].detail
    assert knee is not None
    assert modest is not None
    held = [step["rate_per_s"] for step in knee["steps"] if step["outcome"] == "held"]
    assert knee["rate_per_s"] == max(held, default=None)
    assert (knee["limit"], knee["arrivals"]) != ("ceiling", "poisson")
    sizes = PROFILES["quick"].open_loop
    assert modest["rate_per_s"] == sizes.modest_per_s
    assert found["modest_rate"].operations == sizes.modest_per_s * sizes.modest_s
    assert found["modest_rate"].samples_hdr is not None
    assert modest["arrivals"] == "constant"


def test_what_an_experiment_takes_of_a_transport_is_what_the_suite_asks_for() -> None:
    asked = [
        "--collect-only",
        "-q",
        "--transports",
        "loopback",
        "--experiments",
        ",".join(EXPERIMENTS),
    ]
    done = suite(*asked)
    assert done.returncode == 0, done.stdout
    found = re.findall(r"test_(\w+)\.py::\w+\[(\w+)", done.stdout)
    collected = {experiment for experiment, transport in found if transport == "loopback"}
    assert collected == {
        name for name, one in EXPERIMENTS.items() if one.requires == Requirement.NOTHING
    }


def test_options_that_there_are_not_are_usage_errors() -> None:
    done = suite("--transports", "websockt")
    assert done.returncode == 4
    assert (
        f"ERROR: no transport websockt; there are {', '.join(registry.TRANSPORTS)}" in done.stderr
    )
    assert "Traceback" not in done.stdout + done.stderr

    done = suite("--experiments", "magic")
    assert done.returncode == 4
    assert f"ERROR: no experiment magic; there are {', '.join(EXPERIMENTS)}" in done.stderr


def collected(*arguments: str) -> list[str]:
    done = suite("--collect-only", "-q", "--experiments", "latency", *arguments)
    assert done.returncode == 0, done.stdout
    return [line.split("::")[1] for line in done.stdout.splitlines() if "::" in line]


def test_the_order_of_the_transports_is_that_of_the_seed_and_of_lab_bench() -> None:
    from lab.cli.bench.command import shuffled

    transports = list(registry.CORE)
    orders = {}
    for seed in (1, 2):
        names = collected("--order-seed", str(seed))
        order = shuffled(transports, seed)
        # Transport by transport, so that each has its server once.
        assert names == [f"test_{t}[{w}]" for w in order for t in ("say_rtt", "last_of_room")]
        orders[seed] = order
    assert orders[1] != orders[2]


def test_a_coroutine_that_nobody_awaits_fails(tmp_path: Path) -> None:
    planted = copy_suite(tmp_path)
    (planted / "test_latency.py").write_text(
        "async def never_awaited():\n"
        "    pass\n\n\n"
        "def test_planted(benchmark, transport):\n"
        "    benchmark.pedantic(never_awaited, rounds=1, iterations=1)\n"
    )
    arguments = ["--experiments", "latency", "--transports", "loopback"]
    done = suite(*arguments, folder=planted)
    assert done.returncode == 1, done.stdout
    assert "coroutine 'never_awaited' was never awaited" in done.stdout
    assert "1 failed" in done.stdout or "1 error" in done.stdout


def test_a_transport_that_loses_messages_fails_and_its_loss_is_written(tmp_path: Path) -> None:
    planted = copy_suite(tmp_path)
    plant_leaky_transport(planted)
    written = tmp_path / "benchmark.json"
    done = suite(
        *("--transports", "leaky", "-k", "last_of_room", f"--benchmark-json={written}"),
        folder=planted,
    )
    assert done.returncode == 1, done.stdout
    (benchmark,) = json.loads(written.read_text())["benchmarks"]
    counts = msgspec.convert(benchmark["extra_info"], Counts)
    assert counts.lost > 0
    assert counts.void == f"{counts.lost} of {counts.expected} lost"
    assert counts.void in done.stdout


def test_an_unavailable_transport_is_skipped_with_the_reason(tmp_path: Path) -> None:
    planted = copy_suite(tmp_path)
    (tmp_path / "fancy_transport.py").write_text("import no_such_library\n")
    with (planted / "conftest.py").open("a") as conftest:
        conftest.write('\nregistry.TRANSPORTS["fancy"] = "fancy_transport:Fancy"\n')
    done = suite("-rs", "--transports", "fancy", "--experiments", "latency", folder=planted)
    assert done.returncode == 0, done.stdout
    assert "2 skipped" in done.stdout
    needed = f"needs no_such_library: {installing('no_such_library')}"
    assert f"fancy is unavailable: {needed}" in done.stdout


def test_the_former_name_of_the_transports_option_works_with_a_note() -> None:
    one = next(iter(registry.CORE))
    asked = ["--collect-only", "-q", "--experiments", "harness,latency"]
    now, former = suite(*asked, "--transports", one), suite(*asked, "--wires", one)
    assert "--wires" not in now.stderr
    assert former.stderr.count("--wires is now --transports") == 1
    assert re.findall("::.*", former.stdout) == re.findall("::.*", now.stdout)
