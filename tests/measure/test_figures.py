"""The figures: each from hand-made counts, with the value worked out by hand."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from lab.measure import histogram
from lab.measure.figures import BY_KEY, FIGURES, Counts

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


SAMPLES = histogram.encode(histogram.of([1_000_000] * 50 + [2_000_000] * 49 + [9_000_000]))


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
    ledger = counts(experiment="bytes", measure="ledger", detail={"any": "thing"})
    assert not [figure.key for figure in FIGURES if figure.covers(ledger)]


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


def test_only_rates_are_better_when_higher_and_bound_by_the_load() -> None:
    rates = {figure.key for figure in FIGURES if not figure.lower_is_better}
    assert rates == {"deliveries_per_s_10", "deliveries_per_s_100"}
    assert rates == {figure.key for figure in FIGURES if figure.load_bound}
