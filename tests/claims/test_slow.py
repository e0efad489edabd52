"""The claim that Socket.IO is slow: from figures to ratios, and from ratios to a verdict."""

from __future__ import annotations

import os

import pytest
from msgspec.structs import replace

from lab.claims.claim import Verdict
from lab.claims.slow import (
    NATIVE,
    NODE_NATIVE,
    NODE_SOCKETIO,
    PARTS,
    SLOWER,
    SOCKETIO,
    TUNED_NATIVE,
    TUNED_SOCKETIO,
    WIRES,
    Cost,
    apart,
    factor,
    factors,
    judge,
)
from transports import registry

BASE = Cost(NATIVE, (100.0, 200.0, 400.0), "neither", 150, 1.0)
COSTS = {
    NATIVE: BASE,
    SOCKETIO: Cost(SOCKETIO, (300.0, 400.0, 2000.0), "server", 165, 1.5),
}


def test_ratios_are_taken_pass_by_pass() -> None:
    assert factor(COSTS, SOCKETIO, NATIVE) == 3.0
    assert factor(COSTS, NATIVE, NATIVE) == 1.0


def test_each_thing_is_compared_with_native_websocket() -> None:
    assert factors(COSTS) == pytest.approx({"round trips": 1.5, "bytes": 1.1, "server CPU": 3.0})


def test_node_is_compared_with_node_where_it_was_measured() -> None:
    node = {
        NODE_NATIVE: replace(BASE, wire=NODE_NATIVE),
        NODE_SOCKETIO: Cost(NODE_SOCKETIO, (50.0, 100.0, 200.0), "neither", 165, 1.0),
    }
    assert factors({**COSTS, **node})["server CPU in Node"] == 0.5
    assert factors({**COSTS, NODE_NATIVE: node[NODE_NATIVE]}) == factors(COSTS)


def test_the_protocol_is_compared_without_a_library_where_it_was_measured() -> None:
    tuned = {
        TUNED_NATIVE: replace(BASE, wire=TUNED_NATIVE),
        TUNED_SOCKETIO: Cost(TUNED_SOCKETIO, (120.0, 240.0, 480.0), "neither", 165, 1.0),
    }
    assert factors({**COSTS, **tuned})["server CPU without a library"] == pytest.approx(1.2)


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        ([SLOWER, SLOWER + 1], Verdict.HOLDS),
        ([SLOWER - 0.1, SLOWER], Verdict.DEPENDS),
        ([SLOWER - 0.1, 1.0], Verdict.DOES_NOT_HOLD),
    ],
)
def test_the_verdict_is_that_of_the_ratios(found: list[float], verdict: Verdict) -> None:
    assert judge(found) is verdict


def test_the_load_gets_its_cores_back() -> None:
    before = os.sched_getaffinity(0)
    with pytest.raises(ZeroDivisionError), apart() as servers:
        assert servers <= before
        raise ZeroDivisionError
    assert os.sched_getaffinity(0) == before


def test_the_servers_are_wires_of_the_registry() -> None:
    assert {*WIRES} <= registry.WIRES.keys()
    assert {wire for _, *both in PARTS for wire in both} <= {*WIRES}
