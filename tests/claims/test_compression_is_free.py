"""What makes the claim `compression-is-free` hold: bytes saved, and nothing that costs more."""

from __future__ import annotations

import pytest

from lab.claims._support.claim import Verdict
from lab.claims.compression_is_free import (
    COMPRESSIONS,
    COSTS,
    MESSAGES,
    TRANSPORT,
    Compared,
    Measured,
    Size,
    compare,
    judge,
)
from lab.compression import OFF
from lab.contract import Capability
from lab.measure.stats import Comparison
from transports import registry

PASSES = (100.0, 130.0, 90.0, 110.0, 105.0)


def measured(size: float, cpu: float, memory: float) -> Measured:
    of_cpu, of_memory = (tuple(times * one for one in PASSES) for times in (cpu, memory))
    return Measured({64: Size(size, of_cpu)}, of_memory)


def ratio(low: float | None, high: float | None) -> Comparison:
    middle = 1.0 if low is None or high is None else (low * high) ** 0.5
    return Comparison(middle, low, high, len(PASSES), "slower")


FREE, DEAR = ratio(0.95, 1.05), ratio(COSTS, 2 * COSTS)
ACROSS, TOO_FEW = ratio(1.1, 1.1 * COSTS), ratio(None, None)


def found(cpu: Comparison, memory: Comparison, compressed: float = 50) -> Compared:
    return Compared("stock", {64: (180, compressed)}, {64: cpu}, memory)


@pytest.mark.parametrize(
    ("every", "verdict"),
    [
        ([found(FREE, FREE)], Verdict.HOLDS),
        ([found(FREE, DEAR)], Verdict.DOES_NOT_HOLD),
        ([found(DEAR, FREE)], Verdict.DOES_NOT_HOLD),
        ([found(FREE, FREE), found(DEAR, ACROSS)], Verdict.DOES_NOT_HOLD),
        ([found(FREE, FREE, compressed=180)], Verdict.DOES_NOT_HOLD),
        ([found(FREE, ACROSS)], Verdict.CANT_TELL),
        ([found(TOO_FEW, FREE)], Verdict.CANT_TELL),
        ([], Verdict.CANT_TELL),
    ],
)
def test_one_cost_decides_and_a_ratio_across_the_limit_does_not(
    every: list[Compared], verdict: Verdict
) -> None:
    assert judge(every) is verdict


def test_costs_are_compared_pass_by_pass() -> None:
    against = compare("stock", measured(50, 2.0, 3.0), measured(180, 1.0, 1.0))
    assert against.bytes == {64: (180, 50)}
    assert against.cpu[64].low == pytest.approx(2.0)
    assert against.memory.high == pytest.approx(3.0)
    assert judge([against]) is Verdict.DOES_NOT_HOLD


def test_the_transport_can_be_set_so() -> None:
    transport = registry.load(TRANSPORT)
    assert Capability.COMPRESSION in transport.capabilities
    assert transport.compression is not None
    assert OFF not in COMPRESSIONS
    assert [transport.compression.fault_of(TRANSPORT, each) for each in COMPRESSIONS] == [
        None for _ in COMPRESSIONS
    ]
    assert min(MESSAGES.values()) > 1
