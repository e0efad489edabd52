"""The benchmark that takes a cost apart, under plain pytest: its parts, and its yardsticks."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from lab.load.profiles import PROFILES
from lab.report.model.decomposition import Apart
from tests.benchmarks.test_cost import figures, measured
from tests.benchmarks.test_suite import suite
from tests.cli.suite import copy_suite
from transports import registry

SIZES = PROFILES["quick"].apart
TRANSPORTS = ["websocket", "socketio-websocket"]


def test_every_cost_is_divided_by_the_transports_that_it_names(tmp_path: Path) -> None:
    asked = ",".join(["loopback", *TRANSPORTS])
    found = measured(tmp_path, "--experiments", "cost", "--transports", asked, "--rounds", "1")
    # Whatever else was measured is told with the transports that were asked for.
    assert set(found) == {f"test_apart[{w}-{n}]" for w in TRANSPORTS for n in SIZES.messages}
    for transport in TRANSPORTS:
        for window, messages in SIZES.messages.items():
            counts = found[f"test_apart[{transport}-{window}]"]
            assert (counts.client, counts.lost, counts.window) == ("raw", 0, window)
            assert counts.delivered == messages * SIZES.room
            assert None not in figures(counts).values()
            told = msgspec.convert(counts.detail, Apart)
            assert told.tuned == registry.load(transport).tuned
            assert told.limit == registry.load(told.tuned).limit_transport
            assert counts.server_cpu_ns is not None
            assert told.measured_ns.whole == counts.server_cpu_ns / counts.delivered
            assert told.parts_ns.total == pytest.approx(told.measured_ns.whole)
            assert min(msgspec.structs.astuple(told.measured_ns)) > 0
            assert set(told.messages_per_write) == {transport, told.tuned, told.limit}
            gathered = [each for each in told.messages_per_write.values() if each is not None]
            assert len(gathered) == 3
            # What is in flight is all that can be gathered; large writes are several segments.
            assert all(0.9 < each <= window + 0.01 for each in gathered)


def test_all_transports_of_a_pass_have_the_same_limit_costs(tmp_path: Path) -> None:
    arguments = ["--experiments", "cost", "--transports", ",".join(TRANSPORTS), "--rounds", "1"]
    found = measured(tmp_path, *arguments, "-k", "1]")
    told = [msgspec.convert(counts.detail, Apart) for counts in found.values()]
    assert len({(each.measured_ns.limit, each.measured_ns.chat) for each in told}) == 1


def test_a_transport_that_names_no_limit_is_not_measured() -> None:
    done = suite("--experiments", "cost", "--transports", "loopback,sse")
    assert done.returncode == 0, done.stdout
    assert f"{len(SIZES.messages)} skipped" in done.stdout
    assert "passed" not in done.stdout


def test_a_missing_limit_is_reported(tmp_path: Path) -> None:
    tuned = registry.load("websocket").tuned
    assert tuned is not None
    planted = copy_suite(tmp_path)
    limit = registry.load(tuned).limit_transport
    with (planted / "conftest.py").open("a") as conftest:
        conftest.write(f'\nregistry.TRANSPORTS["{limit}"] = "no_such_library:It"\n')
    done = suite("-rs", "--experiments", "cost", "--transports", "websocket", folder=planted)
    assert done.returncode == 0, done.stdout
    assert "2 skipped" in done.stdout
    assert "websocket can't be divided: needs no_such_library" in done.stdout
