"""The figures: each from hand-made counts, with the value worked out by hand."""

from __future__ import annotations

import itertools
from typing import Any

import msgspec
import pytest

from lab.measure import histogram
from lab.measure.figures import BY_KEY, FIGURES, Counts, compression
from lab.measure.figures.cost import ROOMS

BASE: dict[str, Any] = {
    "transport": "websocket",
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


def under_load(measure: str) -> dict[str, Any]:
    """A target under a scenario, with latencies from 10 µs to 1 ms."""
    latencies = histogram.from_samples([10_000 * (n + 1) for n in range(100)])
    detail = {"goodput_per_s": 50.0, "uncorrected_p99_ns": 250_000}
    samples = {"samples_hdr": histogram.encode(latencies), "detail": detail}
    return {"experiment": "scenario", "measure": measure, **samples}


def counts(**changes: Any) -> Counts:
    return msgspec.convert(BASE | changes, Counts)


def of(key: str, changes: dict[str, Any]) -> dict[str, Any]:
    """These changes, in the experiment of the figure called `key`."""
    return {"experiment": BY_KEY[key].experiment} | changes


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


SAMPLES = histogram.encode(
    histogram.from_samples([1_000_000] * 50 + [2_000_000] * 49 + [9_000_000])
)


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
WINDOW = {"measure": "window"}
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
PRESSED = {"bytes": 30.0, "server": 20.0, "both": 30.0, "last": 1.0}
"""Quantity of the experiment compression -> its value."""


def pressed(quantity: str, kind: str, size: int) -> dict[str, Any]:
    """Texts of one kind and size."""
    measure = compression.measure("bytes" if quantity == "bytes" else "texts", kind)
    return {"measure": measure, "payload_bytes": size, "samples_hdr": SAMPLES, **BEHIND}


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


ON_A_JOURNAL = {
    "cpu_ns": 500_000,
    "p50_ns": 4_000_000,
    "p99_ns": 9_000_000,
    "messages_per_s": 750.0,
    "per_commit": 12.5,
}
IN_MEMORY = {"cpu_ns": 480_000, "p50_ns": 2_000_000, "p99_ns": 3_000_000, "messages_per_s": 1000.0}
KEPT: dict[str, Any] = {
    "measure": "durability",
    "detail": {
        "memory": dict.fromkeys(("1", "16"), IN_MEMORY),
        **dict.fromkeys(("normal", "full"), dict.fromkeys(("1", "16"), ON_A_JOURNAL)),
    },
}


ON_JOURNAL = {
    "cpu_us": 500.0,
    "p50_ms": 4.0,
    "p99_ms": 9.0,
    "added_us": 20.0,
    "share": 75.0,
    "per_commit": 12.5,
}
KEPT_FIGURES = {
    "memory": {"cpu_us": 480.0, "p50_ms": 2.0, "p99_ms": 3.0},
    "normal": ON_JOURNAL,
    "full": ON_JOURNAL,
}


def by_way_of(p50_us: int) -> dict[str, Any]:
    """One path to a server."""
    return {
        "p50_ns": 1000 * p50_us,
        "p99_ns": 4000 * p50_us,
        "handshake": {"up": {"http": 3 * p50_us}, "down": {"http": 2 * p50_us}},
        "message": {"up": {"payload": p50_us}, "down": {}},
        "at_once": 10,
    }


BY_PROXY = {
    "measure": "paths",
    "detail": {
        "direct": by_way_of(100),
        **dict.fromkeys(("nginx", "haproxy", "caddy"), by_way_of(150)),
    },
}
SILENT = {
    "measure": "silence",
    "detail": {each: {"cut_after_s": 2.0, "kept_s": 6.0} for each in ("nginx", "haproxy", "caddy")},
}


ON_NODES = {
    "cpu_ns": 60_000,
    "per_s": 5000.0,
    "redis_ns": 25_000,
    "load_share": 0.25,
    "cores_used": 1.5,
    "p50_ns": 900_000,
    "p99_ns": 4_000_000,
    "wasted": 0.25,
    "foreign_ns": 20_000,
}
"""What is measured of nodes, of each size of room and beside them."""
BY_NODES: dict[str, Any] = {
    "measure": "nodes",
    "detail": {case: dict.fromkeys(("10", "100"), ON_NODES) | ON_NODES for case in ("1", "2", "4")}
    | {
        "alone": dict.fromkeys(("10", "100"), ON_NODES | {"cpu_ns": 40_000})
        | {"p50_ns": 100_000, "p99_ns": 1_000_000}
    },
}


def came_back(measure: str) -> dict[str, Any]:
    """A hundred clients of a server that was down for 0.75 s; the last one was in after 2 s."""
    back = histogram.from_samples([20_000_000 * (n + 1) for n in range(100)])
    detail = {"down_ns": 750_000_000, "failed_attempts": 250, "busiest_share": 0.875}
    return {"measure": measure, "samples_hdr": histogram.encode(back), "detail": detail}


AT_50_MS: dict[str, Any] = {
    "measure": "new connect",
    "detail": {
        "samples_ns": {"0": [1_000_000], "50000000": [101_000_000, 103_000_000, 150_000_000]}
    },
}


def rounds(measure: str) -> dict[str, Any]:
    detail = {"ledger": {"round_trips": 3}, "slope": {"round_trips": 2.9}}
    return {"measure": measure.replace("kept_alive", "kept-alive"), "detail": detail}


CALIBRATED: dict[str, Any] = {
    "rtt": {"set_ms": 20.0, "p50_ms": 20.25, "p99_ms": 21.5},
    "loss": {"set": 5.0, "up": 5.125, "down": 4.875, "uncounted": 3},
}


def calibrated(measure: str) -> dict[str, Any]:
    return {"measure": measure, "detail": CALIBRATED[measure]}


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
        ("connect_at_50_ms", AT_50_MS, 103.0),
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
            (f"window_{key}_{room}", WINDOW | PER_WRITE | {"room_size": room}, value)
            for key, value in (("cpu_us", 20.0), ("load_cpu_us", 10.0), ("per_write", 1.5))
            for room in (10, 100)
        ],
        ("window_per_write_1000", WINDOW | PER_WRITE | {"room_size": 1000}, 1.5),
        ("deliveries_per_s_1000", WINDOW | {"room_size": 1000}, 2000.0),
        ("server_cpu_us_per_delivery_1000", WINDOW | {"room_size": 1000}, 20.0),
        ("fan_out_bytes_per_delivery", BEHIND | {"measure": "fan_out_bytes"}, 30.0),
        *[
            (f"payload_{what}_{size}", changes | {"payload_bytes": size}, value)
            for what, changes, value in (
                ("cpu_us", {"measure": "payload"}, 20.0),
                ("bytes", BEHIND | {"measure": "payload_bytes"}, 30.0),
            )
            for size in (16, 256, 4096, 65536)
        ],
        *[
            (
                f"compression_{what}_{kind}_{size}",
                changes | {"measure": f"{measure} {kind}", "payload_bytes": size},
                value,
            )
            for what, measure, changes, value in (
                ("bytes", "bytes", BEHIND, 30.0),
                ("server", "texts", {}, 20.0),
                ("both", "texts", {}, 30.0),
                ("last", "texts", {"samples_hdr": SAMPLES}, 1.0),
            )
            for kind in ("chat", "presence", "typing", "log", "base64", "random")
            for size in (64, 1024, 65536)
        ],
        ("compression_memory_kib", WEIGHED | {"measure": "memory"}, 12.0),
        ("memory_connected_kib", WEIGHED, 10.0),
        ("memory_joined_kib", WEIGHED, 12.0),
        ("compression_memory_kib", WEIGHED | {"measure": "memory"}, 12.0),
        *(
            (compression.key(quantity, kind, size), pressed(quantity, kind, size), value)
            for quantity, value in PRESSED.items()
            for kind in compression.TEXTS
            for size in compression.SIZES
        ),
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
        *(
            (f"durability_{journal}_{window}_{name}", KEPT, value)
            for window in (1, 16)
            for journal, values in KEPT_FIGURES.items()
            for name, value in values.items()
        ),
        *(
            (f"proxies_direct_{key}", BY_PROXY, value)
            for key, value in (
                ("p50_us", 100.0),
                ("p99_us", 400.0),
                ("handshake_bytes", 500.0),
                ("message_bytes", 100.0),
            )
        ),
        *(
            (f"proxies_{proxy}_{key}", BY_PROXY, value)
            for proxy in ("nginx", "haproxy", "caddy")
            for key, value in (
                ("added_p50_us", 50.0),
                ("added_p99_us", 200.0),
                ("added_handshake_bytes", 250.0),
                ("added_message_bytes", 50.0),
                ("at_once", 10.0),
            )
        ),
        *(
            (f"proxies_{proxy}_{key}", SILENT, value)
            for proxy in ("nginx", "haproxy", "caddy")
            for key, value in (("cut_after_s", 2.0), ("kept_s", 6.0))
        ),
        *(
            (f"nodes_{case}_{room}_{key}", BY_NODES, value)
            for case, cpu_us in (("alone", 40.0), ("1", 60.0), ("2", 60.0), ("4", 60.0))
            for room in (10, 100)
            for key, value in (("cpu_us", cpu_us), ("per_s", 5000.0))
        ),
        *((f"nodes_{n}_{room}_times", BY_NODES, 1.5) for n in (1, 2, 4) for room in (10, 100)),
        ("nodes_added_p50_us", BY_NODES, 800.0),
        ("nodes_added_p99_us", BY_NODES, 3000.0),
        ("nodes_2_wasted", BY_NODES, 25.0),
        ("nodes_4_wasted", BY_NODES, 25.0),
        ("nodes_foreign_us", BY_NODES, 20.0),
        ("nodes_redis_us", BY_NODES, 25.0),
        *((f"nodes_{case}_used", BY_NODES, 1.5) for case in ("alone", "1", "2", "4")),
        ("storm_down_s", came_back("jitter_2000"), 0.75),
        ("storm_cpu_ms", came_back("jitter_2000"), 0.2),
        *(
            (f"storm_{measure}_{key}", came_back(measure), value)
            for measure in ("at_once", "fixed_500", "jitter_500", "fixed_2000", "jitter_2000")
            for key, value in (("all_s", 2.0), ("busiest", 87.5), ("failed", 2.5))
        ),
        ("race_up_bytes", RACED, 55.0),
        ("race_down_bytes", RACED, 48.5),
        ("race_tcp_connections", RACED, 3.0),
        ("race_http_requests", RACED, 5.0),
        ("burst_per_s", {"experiment": "race", "measure": "burst"}, 2000.0),
        ("answer_p50_ms", under_load("answer"), 0.5),
        ("answer_p99_ms", under_load("answer"), 0.99),
        ("answer_uncorrected_p99_ms", under_load("answer"), 0.25),
        ("delivery_p50_ms", under_load("delivery"), 0.5),
        ("delivery_p99_ms", under_load("delivery"), 0.99),
        ("delivery_uncorrected_p99_ms", under_load("delivery"), 0.25),
        ("goodput_per_s", under_load("load"), 50.0),
        ("target_cpu_us", under_load("load"), 20.0),
        ("load_cpu_us", under_load("load"), 10.0),
        *[
            (f"loss_{percent}_{key}", {"measure": f"rtt_{percent}", "samples_hdr": SAMPLES}, value)
            for percent in (0, 1, 5, 15)
            for key, value in (("p50_ms", 1.0), ("p99_ms", 2.0))
        ],
        *[
            (f"behind_{where}_p50_ms", {"measure": f"behind_{where}", "samples_hdr": SAMPLES}, 1.0)
            for where in ("none", "shared", "apart")
        ],
        ("link_rtt_set", calibrated("rtt"), 20.0),
        ("link_rtt_p50", calibrated("rtt"), 20.25),
        ("link_rtt_p99", calibrated("rtt"), 21.5),
        ("link_loss_set", calibrated("loss"), 5.0),
        ("link_loss_up", calibrated("loss"), 5.125),
        ("link_loss_down", calibrated("loss"), 4.875),
        ("link_uncounted", calibrated("loss"), 3.0),
    ],
)
def test_each_figure_is_what_its_title_says(
    key: str, changes: dict[str, Any], value: float
) -> None:
    found = counts(**of(key, changes))
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


def test_a_figure_covers_its_own_experiment_only() -> None:
    assert BY_KEY["deliveries_per_s_10"].covers(counts())
    assert not BY_KEY["deliveries_per_s_10"].covers(counts(experiment="fan_out"))


def test_a_measure_of_its_own_is_read_and_covered_by_no_figure() -> None:
    other = counts(experiment="other", measure="thing", detail={"any": "thing"})
    assert not [figure.key for figure in FIGURES if figure.covers(other)]


def test_what_the_detail_does_not_hold_is_no_figure() -> None:
    silent = counts(experiment="bytes", measure="ledger", detail={"connect": None, "message": None})
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
    misshapen = counts(experiment="bytes", measure="ledger", detail=detail)
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
        (
            "rtt_p50_us",
            {"measure": "rtt", "samples_hdr": histogram.encode(histogram.from_samples([]))},
        ),
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
    once = {"knee_per_s", "memory_connections", "burst_per_s", FASTEST, "goodput_per_s"}
    durable = {
        f"durability_{journal}_{window}_{what}"
        for journal in ("normal", "full")
        for window in (1, 16)
        for what in ("share", "per_commit")
    }
    proxied = {
        f"proxies_{proxy}_{what}"
        for proxy in ("nginx", "haproxy", "caddy")
        for what in ("at_once", "cut_after_s", "kept_s")
    }
    joined = {f"nodes_{it}_{room}_per_s" for it in ("alone", 1, 2, 4) for room in (10, 100)}
    assert rates == {*joined, *bound, *gathered, *once, *durable, *proxied}
    assert bound == {figure.key for figure in FIGURES if figure.load_bound}


DISAGREEMENT = "counts disagree: 6.17 by the clock, 2 from the bytes"


def counted_twice(by_the_clock: float, *, agree: bool) -> dict[str, Any]:
    """Round trips: two from the bytes, and so many by the clock."""
    slope, ledger = {"round_trips": by_the_clock}, {"round_trips": 2}
    return {"detail": {"slope": slope, "ledger": ledger, "agree": agree}}


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
        ("slope_new_join", counted_twice(2.1, agree=True), None),
        ("slope_new_join", counted_twice(6.17, agree=False), DISAGREEMENT),
        ("round_trips_new_join", counted_twice(6.17, agree=False), DISAGREEMENT),
    ],
)
def test_a_figure_that_is_not_what_its_title_says_says_so(
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
    payload = {"experiment": "payload", "measure": "payload"}
    assert figure.covers(counts(**payload, payload_bytes=256))
    assert not figure.covers(counts(**payload, payload_bytes=16))
    assert not figure.covers(counts(**payload))
