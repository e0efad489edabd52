"""The suite in a browser: what it writes, what of a wire it counts, and what it leaves out."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from benchmarks.conftest import client_of
from lab.cli.browser import PAGE
from lab.interop.chromium import chromium_unavailable
from lab.load.profiles import PROFILES
from lab.measure import histogram
from lab.measure.figures import Counts
from lab.page.files import STATIC
from tests.benchmarks.test_suite import collected, suite
from tests.interop.conftest import needs

WIRES = ["websocket", "xhr-polling"]
QUICK = PROFILES["quick"]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[Counts]:
    """What a pass of one round writes of two wires."""
    needs(chromium_unavailable())
    needs(None if (STATIC / PAGE).is_file() else "needs the built page: make page")
    written = tmp_path_factory.mktemp("pass") / "benchmark.json"
    done = suite(
        *("--client", "browser", "--wires", ",".join(WIRES), "--rounds", "1"),
        *("--experiments", "handshake,latency,throughput", f"--benchmark-json={written}"),
    )
    assert done.returncode == 0, done.stdout
    content = json.loads(written.read_text())["benchmarks"]
    return [msgspec.convert(each["extra_info"], Counts, strict=True) for each in content]


def test_every_question_is_asked_of_every_wire(found: list[Counts]) -> None:
    asked = {(one.wire, one.experiment, one.measure) for one in found}
    measures = {
        ("handshake", "connect"),
        ("handshake", "join"),
        ("latency", "rtt"),
        ("latency", "last_delivery"),
        ("throughput", "fan_out"),
    }
    assert asked == {(wire, *measure) for wire in WIRES for measure in measures}
    assert len(found) == len(asked)
    assert {one.client for one in found} == {"browser"}


def test_every_delivery_is_counted(found: list[Counts]) -> None:
    for one in found:
        expected = (one.room_size or 0) * one.operations
        assert (one.expected, one.delivered, one.lost) == (expected, expected, 0), one.measure
    rooms = {(one.measure, one.operations) for one in found if one.room_size == 10}
    assert rooms == {
        ("last_delivery", QUICK.room_messages),
        ("fan_out", QUICK.fan_out_messages[10]),
    }


def test_each_operation_has_a_sample_and_the_page_times_the_span(found: list[Counts]) -> None:
    operations = {"connect": QUICK.handshakes, "join": QUICK.handshakes, "rtt": QUICK.round_trips}
    for one in found:
        assert one.samples_hdr is not None
        samples = histogram.decode(one.samples_hdr)
        assert samples.count == one.operations == operations.get(one.measure, one.operations)
        # Nothing overlaps, so that the samples are parts of the span; an HDR bucket is 0.1 % wide.
        if one.measure in operations:
            assert samples.count * samples.percentile_ns(1) <= one.wall_ns * 1.01


def test_the_processes_of_both_sides_are_metered(found: list[Counts]) -> None:
    for one in found:
        assert one.server_cpu_ns is not None
        assert one.server_cpu_ns > 0
        assert one.load_cpu_ns > 0
        assert one.saturated in ("server", "load", "both", "neither")


def test_a_browser_is_asked_only_where_it_is_wanted_and_what_a_page_speaks() -> None:
    names = collected("--client", "browser", "--wires", "loopback,flashsocket,sse")
    assert names == ["test_say_rtt[sse]", "test_last_of_room[sse]"]
    assert collected("--wires", "sse") == names, "each client has them once, under the same names"


def test_the_folder_says_whose_a_benchmark_is() -> None:
    assert client_of(Path("benchmarks/browser/test_latency.py")) == "browser"
    assert client_of(Path("benchmarks/test_latency.py")) == "python"
