"""The claim `slow`: from figures to ratios, and from ratios to a verdict."""

from __future__ import annotations

import os

import pytest

from lab.claims._support.claim import Verdict
from lab.claims._support.threshold import needed
from lab.claims.slow import (
    NODE,
    PARTS,
    PYTHON,
    SLOWER,
    STACKS,
    TRANSPORTS,
    Costs,
    MessageCost,
    judge,
    on_separate_cores,
    ratio,
    ratios,
)
from lab.measure.stats import Comparison
from lab.measure.threshold import MOST_PASSES, Placed, Side, place
from transports import registry

BASE = (100.0, 200.0, 400.0, 100.0, 300.0)


def compared(low: float | None, high: float | None, passes: int = 20) -> Comparison:
    middle = 1.0 if low is None or high is None else (low * high) ** 0.5
    return Comparison(middle, low, high, passes, "slower")


FAR_ABOVE = compared(SLOWER, SLOWER * 2)
FAR_BELOW = compared(1.0, SLOWER * 0.9)
ACROSS = compared(SLOWER * 0.9, SLOWER * 1.2)


def cost(transport: str, times: float) -> MessageCost:
    return MessageCost(transport, tuple(times * one for one in BASE), "neither", 150, 1.0)


def test_ratios_are_of_one_pass_each() -> None:
    costs = {"a": cost("a", 3.0), "b": cost("b", 1.0)}
    assert ratio(costs, "a", "b").ratio == pytest.approx(3.0)
    assert ratio(costs, "a", "b").low == pytest.approx(3.0)


def test_only_what_was_measured_is_compared() -> None:
    python = {name: cost(name, 1.0) for name in STACKS[PYTHON]}
    costs: Costs = {**python, STACKS[NODE][0]: cost("node", 1.0)}
    assert [*ratios(costs, STACKS)] == [PYTHON]


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        ([FAR_ABOVE, FAR_ABOVE], Verdict.HOLDS),
        ([FAR_BELOW, FAR_BELOW], Verdict.DOES_NOT_HOLD),
        ([FAR_BELOW, FAR_ABOVE], Verdict.DEPENDS),
        ([FAR_BELOW, ACROSS, FAR_ABOVE], Verdict.DEPENDS),
        ([FAR_BELOW, ACROSS], Verdict.CANT_TELL),
        ([ACROSS, FAR_ABOVE], Verdict.CANT_TELL),
        ([FAR_ABOVE, compared(None, None, 3)], Verdict.CANT_TELL),
        ([], Verdict.CANT_TELL),
    ],
)
def test_a_ratio_that_is_not_decided_decides_nothing(
    found: list[Comparison], verdict: Verdict
) -> None:
    assert judge(found) is verdict


def test_how_many_passes_would_decide() -> None:
    below = compared(1.2, 1.6)
    placed = place(below, SLOWER)
    assert placed.side is Side.UNDECIDED
    assert below.passes < placed.passes < 4 * below.passes
    assert place(compared(1.4, 1.8), SLOWER).passes > below.passes
    assert needed(placed).english == f"about {placed.passes} passes"
    for hopeless in (compared(SLOWER / 2, SLOWER * 2), compared(None, None)):
        assert place(hopeless, SLOWER) == Placed(Side.UNDECIDED, MOST_PASSES + 1)
    assert needed(Placed(Side.UNDECIDED, MOST_PASSES + 1)).english == "more than 1,000 passes"


def test_this_process_gets_its_cores_back() -> None:
    before = os.sched_getaffinity(0)
    with pytest.raises(ZeroDivisionError), on_separate_cores() as servers:
        assert servers <= before
        raise ZeroDivisionError
    assert os.sched_getaffinity(0) == before


def test_the_servers_are_transports_of_the_registry() -> None:
    assert {*TRANSPORTS} <= registry.TRANSPORTS.keys()
    pairs = [*STACKS.values(), *PARTS.values()]
    assert {transport for both in pairs for transport in both} <= {*TRANSPORTS}
