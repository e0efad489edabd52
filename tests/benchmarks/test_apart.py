"""The benchmark that takes a cost apart, under plain pytest: its parts, and its yardsticks."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from lab.load.profiles import PROFILES
from lab.report.apart import Apart
from tests.benchmarks.test_cost import figures, measured
from tests.benchmarks.test_suite import suite
from tests.cli.suite import copy_suite
from transports import registry

SIZES = PROFILES["quick"].apart
WIRES = ["websocket", "socketio-websocket"]


def test_every_wire_is_taken_apart_by_the_yardsticks_that_it_names(tmp_path: Path) -> None:
    asked = ",".join(["loopback", *WIRES])
    found = measured(tmp_path, "--experiments", "cost", "--wires", asked, "--rounds", "1")
    # Whatever else was measured is told with the wires that were asked for.
    assert set(found) == {f"test_apart[{w}-{n}]" for w in WIRES for n in SIZES.messages}
    for wire in WIRES:
        for window, messages in SIZES.messages.items():
            counts = found[f"test_apart[{wire}-{window}]"]
            assert (counts.client, counts.lost, counts.window) == ("raw", 0, window)
            assert counts.delivered == messages * SIZES.room
            assert None not in figures(counts).values()
            told = msgspec.convert(counts.detail, Apart)
            assert told.tuned == registry.load(wire).tuned
            assert told.floor == registry.load(told.tuned).floor
            assert counts.server_cpu_ns is not None
            assert told.measured_ns.whole == counts.server_cpu_ns / counts.delivered
            assert told.parts_ns.total == pytest.approx(told.measured_ns.whole)
            assert min(msgspec.structs.astuple(told.measured_ns)) > 0
            assert set(told.messages_per_write) == {wire, told.tuned, told.floor}
            gathered = [each for each in told.messages_per_write.values() if each is not None]
            assert len(gathered) == 3
            # What is in flight is all that can be gathered; large writes are several segments.
            assert all(0.9 < each <= window + 0.01 for each in gathered)


def test_of_one_moment_the_yardsticks_are_the_same_for_all(tmp_path: Path) -> None:
    arguments = ["--experiments", "cost", "--wires", ",".join(WIRES), "--rounds", "1"]
    found = measured(tmp_path, *arguments, "-k", "1]")
    told = [msgspec.convert(counts.detail, Apart) for counts in found.values()]
    assert len({(each.measured_ns.floor, each.measured_ns.chat) for each in told}) == 1


def test_a_wire_that_names_no_yardstick_is_not_asked() -> None:
    done = suite("--experiments", "cost", "--wires", "loopback,sse")
    assert done.returncode == 0, done.stdout
    assert f"{len(SIZES.messages)} skipped" in done.stdout
    assert "passed" not in done.stdout


def test_a_yardstick_that_is_missing_is_said(tmp_path: Path) -> None:
    tuned = registry.load("websocket").tuned
    assert tuned is not None
    planted = copy_suite(tmp_path)
    with (planted / "conftest.py").open("a") as conftest:
        conftest.write(f'\nregistry.WIRES["{registry.load(tuned).floor}"] = "no_such_library:It"\n')
    done = suite("-rs", "--experiments", "cost", "--wires", "websocket", folder=planted)
    assert done.returncode == 0, done.stdout
    assert "2 skipped" in done.stdout
    assert "websocket can't be taken apart: needs no_such_library" in done.stdout
