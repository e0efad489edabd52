"""Where a number comes from: the user's run, the reference, or a transport that is the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.answer import evidence
from lab.answer.evidence import (
    CPU,
    DELIVERY_BYTES,
    MEMORY,
    QUANTITIES,
    ROUND_TRIPS,
    Evidence,
)
from lab.answer.gather import gather
from lab.answer.span import Span
from lab.measure.figures import BY_KEY
from lab.record import RecordError
from tests.answer.synthetic import measured
from tests.report.factory import Made, make

TRIPS, BYTES, KIB = "round_trips_new_connect", "delivery_bytes", "memory_joined_kib"
ONE, APART = "one_cpu_us_100", "apart_whole_us_1"


def test_every_quantity_is_of_figures_of_its_experiment_and_unit() -> None:
    for quantity in QUANTITIES:
        first = BY_KEY[quantity.figures[0]]
        assert (first.experiment, first.unit) == (quantity.experiment, quantity.unit)
        assert all(BY_KEY[key].unit in (quantity.unit, "kB") for key in quantity.figures)
    assert tuple(CPU) == evidence.ROOMS


def test_the_users_run_goes_before_the_reference() -> None:
    reference = measured("packaged", {"websocket": {BYTES: 150.0, KIB: 16.0}})
    found = Evidence((measured("mine", {"websocket": {BYTES: 160.0}}),), (reference,))
    own, packaged = found.find(DELIVERY_BYTES, "websocket"), found.find(MEMORY, "websocket")
    assert own and packaged
    assert (own.median, own.own, own.source) == (160.0, True, "your run mine")
    assert (packaged.own, packaged.source) == (False, "reference run packaged")
    assert found.find(MEMORY, "sse") is None


def test_a_transport_has_the_number_of_one_that_is_the_same_there() -> None:
    values = {
        "socketio-websocket": {TRIPS: 3.0, BYTES: 148.0, KIB: 35.0},
        "socketio": {TRIPS: 5.0},
        "node-socketio-websocket": {KIB: 19.0},
    }
    found = Evidence((), (measured("packaged", values),))

    def measured_as(quantity: evidence.Quantity, transport: str) -> str | None:
        number = found.find(quantity, transport)
        return number.transport if number else None

    # The default is over WebSocket after the upgrade, and its bytes are those of any server.
    assert measured_as(MEMORY, "socketio") == "socketio-websocket"
    assert measured_as(MEMORY, "node-socketio") == "node-socketio-websocket"
    assert measured_as(DELIVERY_BYTES, "node-socketio") == "socketio-websocket"
    assert measured_as(ROUND_TRIPS, "node-socketio-websocket") == "socketio-websocket"
    # Each server has its own way to the upgrade.
    assert measured_as(ROUND_TRIPS, "node-socketio") is None


def test_a_value_with_an_interval_goes_before_one_without() -> None:
    single = measured("single", {"websocket": {ONE: 7.0}}, passes=1)
    several = measured("several", {"websocket": {APART: 8.0}})
    run = several.values["websocket"]
    run[APART] = type(run[APART])(8.0, 7.5, 8.5, 9)
    number = Evidence((), (single, several)).find(CPU[100], "websocket")
    assert number is not None
    assert (number.run, number.span, number.passes) == ("several", Span(8.0, 7.5, 8.5), 9)


def test_the_cpu_time_is_that_of_the_nearest_measured_room() -> None:
    values = {"websocket": {"one_cpu_us_10": 17.0, ONE: 8.0, "one_cpu_us_1000": 9.0}}
    found = Evidence((), (measured("packaged", values | {"socketio": {ONE: 33.0}}),))
    sizes = (1, 30, 90, 400, 100_000)
    assert [found.cpu("websocket", size) for size in sizes] == [
        found.find(CPU[room], "websocket") for room in (10, 10, 100, 1000, 1000)
    ]
    only = found.cpu("socketio", 100_000)
    assert only is not None and only.quantity == CPU[100]
    assert found.cpu("sse", 10) is None


def test_a_ratio_is_paired_within_one_run() -> None:
    values = {"websocket": {ONE: 8.0}, "socketio-websocket": {ONE: 32.0}}
    found = Evidence((), (measured("few", values, passes=1), measured("packaged", values)))
    assert found.ratio(CPU[100], "socketio", "websocket") == Span(4.0, 3.6, 4.4)
    assert found.ratio(CPU[100], "sse", "websocket") is None


def test_the_newest_run_is_gathered_or_the_one_that_is_named(tmp_path: Path) -> None:
    assert gather(None, [tmp_path / "none"]).own == ()
    run = make(tmp_path, Made())
    found = gather(None, [tmp_path])
    assert [one.run for one in found.own] == [run.id]
    assert found.own == gather(run.id, [tmp_path]).own
    assert found.reference
    with pytest.raises(RecordError):
        gather("missing", [tmp_path])
