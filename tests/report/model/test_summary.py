"""The summary: what is compared, what is left out and why, and the warnings."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from lab.record import Run, load
from lab.report.model import formatting, noise
from lab.report.model.cells import Cell
from lab.report.model.summary import NO_SOCKET, summarise
from tests.report.factory import Made, begin, make, pass_json


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return make(tmp_path_factory.mktemp("results"))


def cell(run: Run, key: str, transport: str) -> Cell:
    figure = summarise(run).figure(key)
    assert figure is not None
    return figure.cells[transport]


def test_a_transport_is_compared_with_the_baseline_over_all_passes(run: Run) -> None:
    found = cell(run, "join_p50_ms", "socketio").comparison
    assert found is not None
    assert (found.verdict, found.passes) == ("slower", 7)
    assert found.ratio == pytest.approx(6.31 / 1.52, rel=0.05)


def test_the_baseline_and_the_transport_without_a_socket_have_no_ratio(run: Run) -> None:
    assert cell(run, "rtt_p50_us", "websocket").comparison is None
    floor = cell(run, "rtt_p50_us", NO_SOCKET)
    assert (floor.mark, floor.comparison) == ("no socket", None)
    assert floor.interval is not None


def test_a_transport_without_a_server_process_has_no_server_cpu(run: Run) -> None:
    found = cell(run, "server_cpu_us_per_delivery_10", NO_SOCKET)
    assert (found.mark, found.interval, found.saturated) == ("not measured", None, None)


def test_a_load_bound_rate_is_shown_but_not_compared(run: Run) -> None:
    rate = cell(run, "deliveries_per_s_10", "socketio-polling")
    assert (rate.mark, rate.saturated, rate.comparison) == ("load-bound", "both", None)
    assert rate.interval is not None
    cost = cell(run, "server_cpu_us_per_delivery_10", "socketio-polling")
    assert cost.comparison is not None and cost.comparison.verdict == "slower"


def test_a_rate_that_is_lower_is_slower(run: Run) -> None:
    found = cell(run, "deliveries_per_s_10", "socketio-websocket").comparison
    assert found is not None
    assert found.ratio < 1
    assert found.verdict == "slower"


def test_a_figure_that_lost_messages_is_void_and_says_how_many(tmp_path: Path) -> None:
    run = make(tmp_path, Made(lost={"socketio": 2}, samples=100))
    found = cell(run, "deliveries_per_s_10", "socketio")
    assert (found.mark, found.interval, found.comparison) == ("void (lost 14)", None, None)
    assert cell(run, "rtt_p50_us", "socketio").comparison is not None
    assert "deliveries, room of 10 of socketio: void (lost 14)" in summarise(run).voids


def test_a_figure_of_a_void_benchmark_is_void_and_says_why(tmp_path: Path) -> None:
    path = make(tmp_path, Made(samples=100)).folder / "passes/pass-01.json"
    content = json.loads(path.read_bytes())
    for each in content["benchmarks"]:
        if each["name"] == "test_rtt[socketio]":
            each["extra_info"]["void"] = "the baseline lost messages"
    path.write_text(json.dumps(content))
    run = load(path.parent.parent)
    found = cell(run, "rtt_p50_us", "socketio")
    assert (found.mark, found.interval, found.comparison) == ("void", None, None)
    assert 1 not in found.values
    assert "RTT, p50 of socketio: void: the baseline lost messages" in summarise(run).voids


def test_without_a_valid_baseline_there_is_nothing_to_compare_with(tmp_path: Path) -> None:
    lossy = make(tmp_path, Made(lost={"websocket": 1}, samples=100))
    assert cell(lossy, "deliveries_per_s_10", "socketio").comparison is None
    without = make(tmp_path, Made(transports=("loopback", "socketio"), samples=100))
    assert summarise(without).baseline is None
    assert cell(without, "rtt_p50_us", "socketio").comparison is None
    assert any("no ratios" in line for line in summarise(without).warnings)


def test_too_few_passes_are_marked_and_warned_of(tmp_path: Path) -> None:
    run = make(tmp_path, Made(passes=3, samples=100))
    found = cell(run, "rtt_p50_us", "socketio").comparison
    assert found is not None and found.verdict == "too few passes"
    assert any("--passes 5" in line for line in summarise(run).warnings)


def test_a_pass_that_measured_something_else_is_not_counted(tmp_path: Path) -> None:
    made = Made(passes=4, samples=50)
    writer = begin(tmp_path, made)
    for index in range(1, 5):
        writer.add_pass(pass_json(made, index), order=made.transports, seconds=1)
    writer.add_pass(b'{"benchmarks": []}', order=made.transports, seconds=1)
    summary = summarise(writer.finish())
    assert summary.passes == 4
    assert any(line.startswith("4 valid passes") for line in summary.warnings)


def test_a_transport_against_its_equal_shows_no_difference(tmp_path: Path) -> None:
    scale = {"websocket-aiohttp": 1.31 / 1.05}
    run = make(tmp_path, Made(transports=("websocket", "websocket-aiohttp"), scale=scale))
    found = cell(run, "connect_p50_ms", "websocket-aiohttp")
    assert found.comparison is not None and found.smallest_detectable is not None
    assert found.comparison.verdict == "no detectable difference"
    assert 1 < found.smallest_detectable < 1.1


def test_the_summary_is_json_and_the_same_each_time(run: Run) -> None:
    first = msgspec.json.encode(summarise(run))
    summarise.cache_clear()
    assert msgspec.json.encode(summarise(run)) == first
    assert json.loads(first)["figures"][0]["cells"]["websocket"]["values"].keys() == set("1234567")


def test_a_run_without_a_valid_pass_has_no_figures(tmp_path: Path) -> None:
    run = make(tmp_path, Made(passes=0, planned=3))
    assert run.info.status == "void"
    assert summarise(run).figures == []


def test_void_passes_are_listed_with_their_reason(tmp_path: Path) -> None:
    made = Made(passes=2, samples=50)
    writer = begin(tmp_path, made)
    writer.add_pass(pass_json(made, 1), order=made.transports, seconds=1)
    writer.void_pass("the server of socketio died", order=made.transports, seconds=1)
    assert summarise(writer.finish()).voids == ["pass 2: the server of socketio died"]


def test_spread_is_warned_of_with_the_worst_case() -> None:
    values = {"steady": [10.0, 10.1, 9.9], "wild": [5.0, 10.0, 15.0], "loose": [9.0, 10.0, 12.0]}
    (line,) = noise.warnings(values)
    assert "2 of 3 figures vary" in line
    assert "most: wild, 50%" in line


def test_drift_is_warned_of_beside_spread() -> None:
    found = noise.warnings({"rising": [10.0, 11.0, 12.0, 13.0, 14.0]})
    assert len(found) == 2
    assert "rising, +33%" in found[1]


def test_a_steady_run_is_not_warned_of() -> None:
    assert noise.warnings({"a": [10.0, 10.1, 9.9, 10.0, 10.1], "b": [3.0] * 5}) == []


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.00001, "0.00001"),
        (0.01234, "0.0123"),
        (1.6, "1.60"),
        (12.34, "12.3"),
        (999.4, "999"),
        (1234.0, "1 230"),
        (474_999, "475 000"),
        (1_234_567, "1 230 000"),
    ],
)
def test_numbers_have_three_digits_in_full(value: float, text: str) -> None:
    assert formatting.number(value).replace(formatting.NO_BREAK, " ") == text
