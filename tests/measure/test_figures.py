"""The figures: each from hand-made counts, with the value worked out by hand."""

from __future__ import annotations

import itertools
from typing import Any

import msgspec
import pytest

from lab.measure import histogram
from lab.measure.figures import BY_KEY, FIGURES, Counts
from lab.measure.figures.cost import ROOMS

BASE: dict[str, Any] = {
    "wire": "websocket",
    "experiment": "throughput",
    "measure": "fan_out",
    "room_size": 10,
    "operations": 100,
    "samples_hdr": None,
    "expected": 1000,
    "delivered": 1000,
    "lost": 0,
    "wall_ns": 500_000_000,
    "server_cpu_ns": 20_000_000,
    "load_cpu_ns": 10_000_000,
    "server_share": 0.04,
    "load_share": 0.02,
    "saturated": "neither",
    "client": "library",
}


def counts(**changes: Any) -> Counts:
    return msgspec.convert(BASE | changes, Counts)


RACED: dict[str, Any] = {
    "experiment": "race",
    "measure": "race",
    "detail": {
        "up_bytes_per_message": 55.0,
        "down_bytes_per_message": 48.5,
        "tcp_connections": 3,
        "http_requests": 5,
    },
}


def cost(up: int, down: int) -> dict[str, dict[str, int]]:
    return {"up": {"http": up, "payload": 0}, "down": {"http": 0, "payload": down}}


SAMPLES = histogram.encode(histogram.of([1_000_000] * 50 + [2_000_000] * 49 + [9_000_000]))


LEDGER: dict[str, Any] = {
    "measure": "ledger",
    "detail": {
        "tcp_connections": 2,
        "connect": {"http_requests": 3, "cost": cost(10, 20)},
        "message": cost(5, 6),
        "delivery": cost(0, 12),
        "heartbeat": {"per_minute": cost(13, 0)},
    },
}


KNEE: dict[str, Any] = {"measure": "knee", "detail": {"rate_per_s": 800.0, "limit": "knee"}}
MODEST: dict[str, Any] = {
    "measure": "modest_rate",
    "samples_hdr": SAMPLES,
    "detail": {"uncorrected_p99_ns": 1_500_000, "load_bound": False},
}


PER_WRITE: dict[str, Any] = {"detail": {"per_write": 1.5}}
ONE = {"measure": "one_at_a_time", "samples_hdr": SAMPLES}
BEHIND = {"detail": {"cost": cost(10, 20)}}
WEIGHED: dict[str, Any] = {
    "measure": "idle_memory",
    "detail": {
        "connections": 500,
        "before_bytes": 1_000_000,
        "connected_bytes": 1_000_000 + 500 * 10 * 1024,
        "joined_bytes": 1_000_000 + 500 * 12 * 1024,
    },
}
IDLE: dict[str, Any] = {
    "measure": "idle_minute",
    "detail": {"connections": 500, "heartbeat": cost(13, 0)},
}


APART: dict[str, Any] = {
    "room_size": 100,
    "detail": {
        "parts_ns": {"network": 4_000, "chat": 125, "protocol": -500, "library": 16_375},
        "messages_per_write": {"websocket": 1.5, "websocket-tuned": 16.0},
    },
}


TOOLS: dict[str, Any] = {
    "measure": "harness",
    "detail": {
        "raw_ns": 500,
        "raw_one_ns": 4_000,
        "library_ns": 25_000,
        "relay_ns": 8_000,
        "tapping_ns": 9_000,
        "recording_ns": 1_500,
        "deliveries_per_s": 250_000.0,
        "limit": "driver",
    },
}


def rounds(measure: str) -> dict[str, Any]:
    detail = {"ledger": {"round_trips": 3}, "slope": {"round_trips": 2.9}}
    return {"measure": measure.replace("kept_alive", "kept-alive"), "detail": detail}


@pytest.mark.parametrize(
    ("key", "changes", "value"),
    [
        ("connect_p50_ms", {"measure": "connect", "samples_hdr": SAMPLES}, 1.0),
        ("join_p50_ms", {"measure": "join", "samples_hdr": SAMPLES}, 1.0),
        ("connect_server_cpu_ms", {"measure": "connect"}, 0.2),
        ("rtt_p50_us", {"measure": "rtt", "samples_hdr": SAMPLES}, 1000.0),
        ("rtt_p99_us", {"measure": "rtt", "samples_hdr": SAMPLES}, 2000.0),
        ("last_of_10_p50_us", {"measure": "last_delivery", "samples_hdr": SAMPLES}, 1000.0),
        ("deliveries_per_s_10", {}, 2000.0),
        ("server_cpu_us_per_delivery_10", {}, 20.0),
        ("load_cpu_us_per_delivery_10", {}, 10.0),
        ("deliveries_per_s_100", {"room_size": 100}, 2000.0),
        ("server_cpu_us_per_delivery_100", {"room_size": 100}, 20.0),
        ("load_cpu_us_per_delivery_100", {"room_size": 100}, 10.0),
        *[
            (f"apart_{key}_{window}", APART | {"measure": f"apart_{window}"}, value)
            for key, value in (
                ("whole_us", 20.0),
                ("network", 4.0),
                ("chat", 0.125),
                ("protocol", -0.5),
                ("library", 16.375),
                ("per_write", 1.5),
            )
            for window in (1, 16)
        ],
        ("tcp_connections", LEDGER, 2.0),
        ("http_requests", LEDGER, 3.0),
        ("connect_bytes", LEDGER, 30.0),
        ("message_bytes", LEDGER, 11.0),
        ("delivery_bytes", LEDGER, 12.0),
        ("heartbeat_bytes_per_minute", LEDGER, 13.0),
        ("knee_per_s", KNEE, 800.0),
        ("modest_p50_ms", MODEST, 1.0),
        ("modest_p99_ms", MODEST, 2.0),
        ("modest_uncorrected_p99_ms", MODEST, 1.5),
        *[
            (f"{how}_{connection}_{until}", rounds(f"{connection} {until}"), value)
            for how, value in (("round_trips", 3.0), ("slope", 2.9))
            for connection, until in itertools.product(("new", "kept_alive"), ("connect", "join"))
        ],
        *[
            (f"{key}_{room}", ONE | {"room_size": room}, value)
            for key, value in (("one_cpu_us", 20.0), ("last_p50_ms", 1.0), ("last_p99_ms", 2.0))
            for room in (10, 100, 1000)
        ],
        *[
            (f"one_per_write_{room}", ONE | PER_WRITE | {"room_size": room}, 1.5)
            for room in (10, 100, 1000)
        ],
        *[
            (f"window_{key}_{room}", PER_WRITE | {"measure": "window", "room_size": room}, value)
            for key, value in (("cpu_us", 20.0), ("load_cpu_us", 10.0), ("per_write", 1.5))
            for room in (10, 100)
        ],
        ("window_per_write_1000", PER_WRITE | {"room_size": 1000}, 1.5),
        ("deliveries_per_s_1000", {"room_size": 1000}, 2000.0),
        ("server_cpu_us_per_delivery_1000", {"room_size": 1000}, 20.0),
        ("fan_out_bytes_per_delivery", BEHIND | {"measure": "fan_out_bytes"}, 30.0),
        *[
            (f"payload_{what}_{size}", changes | {"payload_bytes": size}, value)
            for what, changes, value in (
                ("cpu_us", {"measure": "payload"}, 20.0),
                ("bytes", BEHIND | {"measure": "payload_bytes"}, 30.0),
            )
            for size in (16, 256, 4096, 65536)
        ],
        ("memory_connected_kib", WEIGHED, 10.0),
        ("memory_joined_kib", WEIGHED, 12.0),
        ("memory_connections", WEIGHED, 500.0),
        # In half a second of 500 connections; for a minute of 1,000, 240 times that.
        ("idle_cpu_ms_per_minute", IDLE, 4800.0),
        ("idle_load_cpu_ms_per_minute", IDLE, 2400.0),
        ("idle_kb_per_minute", IDLE, 13.0),
        ("harness_raw_us", TOOLS, 0.5),
        ("harness_raw_one_us", TOOLS, 4.0),
        ("harness_library_us", TOOLS, 25.0),
        ("harness_relay_us", TOOLS, 8.0),
        ("harness_tapping_us", TOOLS, 9.0),
        ("harness_recording_us", TOOLS, 1.5),
        ("harness_deliveries_per_s", TOOLS, 250_000.0),
        ("race_up_bytes", RACED, 55.0),
        ("race_down_bytes", RACED, 48.5),
        ("race_tcp_connections", RACED, 3.0),
        ("race_http_requests", RACED, 5.0),
        ("burst_per_s", {"experiment": "race", "measure": "burst"}, 2000.0),
    ],
)
def test_each_figure_is_what_its_title_says(
    key: str, changes: dict[str, Any], value: float
) -> None:
    found = counts(**changes)
    assert BY_KEY[key].covers(found)
    assert BY_KEY[key].extract(found) == pytest.approx(value, rel=1e-3)


def test_every_figure_has_a_case_above_and_a_key_of_its_own() -> None:
    marks = test_each_figure_is_what_its_title_says.pytestmark
    assert {case[0] for case in marks[0].args[1]} == set(BY_KEY)
    assert len(BY_KEY) == len(FIGURES)


def test_a_figure_covers_its_own_room_only() -> None:
    assert not BY_KEY["deliveries_per_s_10"].covers(counts(room_size=100))
    assert not BY_KEY["deliveries_per_s_10"].covers(counts(room_size=None))
    assert not BY_KEY["rtt_p50_us"].covers(counts())


def test_a_measure_of_its_own_is_read_and_covered_by_no_figure() -> None:
    other = counts(experiment="other", measure="thing", detail={"any": "thing"})
    assert not [figure.key for figure in FIGURES if figure.covers(other)]


def test_what_the_detail_does_not_hold_is_no_figure() -> None:
    silent = counts(measure="ledger", detail={"connect": None, "message": None})
    ledger = [figure for figure in FIGURES if figure.covers(silent)]
    assert ledger
    assert all(figure.extract(silent) is None for figure in ledger)


@pytest.mark.parametrize(
    ("detail", "complaint"),
    [
        ({"message": 7}, "detail.message is no table: 7"),
        ({"message": {"up": [1]}}, r"detail.message.up is no table: \[1\]"),
        ({"message": {"up": {"http": "many"}}}, "detail.message is no number: 'many'"),
    ],
)
def test_a_detail_of_another_shape_is_said_where_it_is(
    detail: dict[str, Any], complaint: str
) -> None:
    misshapen = counts(measure="ledger", detail=detail)
    figure = next(figure for figure in FIGURES if figure.key == "message_bytes")
    with pytest.raises(ValueError, match=complaint):
        figure.extract(misshapen)


@pytest.mark.parametrize(
    ("key", "changes"),
    [
        ("server_cpu_us_per_delivery_10", {"server_cpu_ns": None}),
        ("server_cpu_us_per_delivery_10", {"delivered": 0}),
        ("deliveries_per_s_10", {"wall_ns": 0}),
        ("rtt_p50_us", {"measure": "rtt", "samples_hdr": None}),
        ("rtt_p50_us", {"measure": "rtt", "samples_hdr": histogram.encode(histogram.of([]))}),
    ],
)
def test_what_cannot_be_said_is_no_figure_rather_than_zero(
    key: str, changes: dict[str, Any]
) -> None:
    assert BY_KEY[key].extract(counts(**changes)) is None


FASTEST = "harness_deliveries_per_s"


def test_only_rates_are_better_when_higher_and_bound_by_the_load() -> None:
    rates = {figure.key for figure in FIGURES if not figure.lower_is_better}
    bound = {f"deliveries_per_s_{room}" for room in (10, 100, 1000)}
    gathered = {f"apart_per_write_{window}" for window in (1, 16)}
    gathered |= {f"{flight}_per_write_{room}" for flight in ("one", "window") for room in ROOMS}
    assert rates == {*bound, *gathered, "knee_per_s", "memory_connections", "burst_per_s", FASTEST}
    assert bound == {figure.key for figure in FIGURES if figure.load_bound}


@pytest.mark.parametrize(
    ("key", "changes", "caveat"),
    [
        ("knee_per_s", KNEE, None),
        ("knee_per_s", {"detail": {"rate_per_s": 9.0, "limit": "load"}}, "at least: load"),
        ("knee_per_s", {"detail": {"rate_per_s": 9.0, "limit": "ceiling"}}, "at least: ceiling"),
        ("knee_per_s", {"detail": {"rate_per_s": None, "limit": "floor"}}, None),
        (FASTEST, TOOLS, None),
        (FASTEST, {"detail": {"limit": "server"}}, "at least: server"),
        ("modest_p99_ms", MODEST, None),
        ("modest_p99_ms", {"detail": {"load_bound": True}}, "load-bound"),
    ],
)
def test_what_the_server_did_not_limit_is_not_called_the_servers(
    key: str, changes: dict[str, Any], caveat: str | None
) -> None:
    judge = BY_KEY[key].caveat
    assert judge is not None
    assert judge(counts(**changes)) == caveat


def test_a_search_that_held_nothing_has_no_knee() -> None:
    silent = counts(measure="knee", detail={"rate_per_s": None, "limit": "floor"})
    assert BY_KEY["knee_per_s"].extract(silent) is None


@pytest.mark.parametrize(
    ("key", "changes"),
    [
        ("last_p99_ms_10", ONE | {"operations": 99}),
        ("memory_joined_kib", {"detail": WEIGHED["detail"] | {"joined_bytes": None}}),
        ("memory_connected_kib", {"detail": None}),
        ("memory_connected_kib", {"detail": WEIGHED["detail"] | {"connections": 0}}),
        ("idle_cpu_ms_per_minute", IDLE | {"server_cpu_ns": None}),
        ("idle_cpu_ms_per_minute", {"detail": None}),
        ("payload_bytes_16", {"detail": {"cost": None}}),
    ],
)
def test_a_cost_that_was_not_measured_is_no_figure(key: str, changes: dict[str, Any]) -> None:
    assert BY_KEY[key].extract(counts(**changes)) is None


def test_a_figure_covers_its_own_size_of_text_only() -> None:
    figure = BY_KEY["payload_cpu_us_256"]
    assert figure.covers(counts(measure="payload", payload_bytes=256))
    assert not figure.covers(counts(measure="payload", payload_bytes=16))
    assert not figure.covers(counts(measure="payload"))
