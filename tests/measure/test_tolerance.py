"""Verdicts against a tolerance: of one figure, of many together, and the passes that they need."""

from __future__ import annotations

import math
import random

import pytest
from scipy import stats

from lab.measure.stats import FEWEST_PASSES, Comparison, paired_ratio
from lab.measure.tolerance import (
    EXIT_CODES,
    MOST_PASSES,
    Judged,
    Outcome,
    holm,
    judge,
    overall,
    passes_for,
)


def compared(ratio: float, reach: float, passes: int = 10) -> Comparison:
    """A comparison whose interval reaches by the factor `reach` to both sides."""
    return Comparison(ratio, ratio / reach, ratio * reach, passes, "no detectable difference")


def alone(found: Comparison, tolerance: float = 5, lower_is_better: bool = True) -> Judged:
    (outcome,) = judge([(found, lower_is_better)], tolerance)
    return outcome


@pytest.mark.parametrize(
    ("ratio", "reach", "outcome"),
    [
        (1.20, 1.05, "slower"),
        (1.04, 1.005, "no slower"),
        (0.50, 1.5, "no slower"),
        (1.00, 1.10, "can't tell"),
        (1.06, 1.02, "can't tell"),
        (1.10, 1.06, "can't tell"),
    ],
)
def test_a_ratio_is_judged_by_its_whole_interval(
    ratio: float, reach: float, outcome: Outcome
) -> None:
    assert alone(compared(ratio, reach)).outcome == outcome
    more_is_better = compared(1 / ratio, reach)
    assert alone(more_is_better, lower_is_better=False).outcome == outcome


def test_an_interval_that_ends_at_the_tolerance_is_within_it() -> None:
    ends = Comparison(1.0, 0.9, 1.05, 10, "no detectable difference")
    assert alone(ends).outcome == "no slower"
    begins = Comparison(1.2, 1.05, 1.3, 10, "slower")
    assert alone(begins, 5).outcome == "can't tell"


def test_without_an_interval_nothing_is_told_and_the_fewest_passes_are_named() -> None:
    few = Comparison(3.0, None, None, 2, "too few passes")
    assert alone(few) == Judged(outcome="can't tell", passes_needed=FEWEST_PASSES)


def test_equal_passes_have_an_interval_of_no_width() -> None:
    assert alone(Comparison(1.0, 1.0, 1.0, 5, "no detectable difference")).outcome == "no slower"
    assert alone(Comparison(1.2, 1.2, 1.2, 5, "slower")).outcome == "slower"


def test_what_is_slower_alone_is_not_slower_as_one_of_many() -> None:
    hardly = compared(1.12, 1.05)
    equal = compared(1.0, 1.02)
    assert alone(hardly).outcome == "slower"
    first, *others = judge([(hardly, True), *[(equal, True)] * 39], 5)
    assert first.outcome == "can't tell"
    assert {other.outcome for other in others} == {"no slower"}
    assert first.passes_needed is not None
    assert 10 < first.passes_needed < 40


def test_a_clear_slowdown_is_slower_among_many() -> None:
    outcomes = judge([(compared(1.2, 1.04), True), *[(compared(1.0, 1.2), True)] * 39], 5)
    assert outcomes[0].outcome == "slower"
    assert {each.outcome for each in outcomes[1:]} == {"can't tell"}


def test_holm_lets_fall_step_by_step() -> None:
    assert holm([]) == []
    assert holm([0.025]) == [True]
    assert holm([0.03]) == [False]
    assert holm([0.02, 0.012]) == [True, True]
    assert holm([0.02, 0.013]) == [False, False]
    assert holm([0.5, 0.001, 0.013, 0.02]) == [False, True, False, False]


@pytest.mark.parametrize(
    ("outcomes", "verdict"),
    [
        (["no slower", "no slower"], "no slower"),
        (["no slower", "can't tell", "slower"], "slower"),
        (["no slower", "can't tell"], "can't tell"),
        ([], "can't tell"),
    ],
)
def test_the_verdict_is_the_worst_outcome(outcomes: list[Outcome], verdict: Outcome) -> None:
    assert overall(outcomes) == verdict
    assert verdict in EXIT_CODES


def test_as_many_passes_as_are_named_do() -> None:
    """With the named passes and the same noise, the interval just clears the tolerance."""
    noisy = compared(1.0, 1.10, passes=10)
    needed = alone(noisy).passes_needed
    assert needed is not None

    def reach(passes: int) -> float:
        quantiles = [float(stats.t.isf(0.025, each - 1)) for each in (10, passes)]
        return math.log(1.10) * quantiles[1] / quantiles[0] * math.sqrt(10 / passes)

    assert alone(compared(1.0, math.exp(reach(needed)), needed)).outcome == "no slower"
    assert alone(compared(1.0, math.exp(reach(needed - 1)), needed)).outcome == "can't tell"


def test_no_number_of_passes_separates_a_ratio_from_itself() -> None:
    assert alone(compared(1.05, 1.02)).passes_needed is None
    assert passes_for(0.1, 0.0) is None
    assert passes_for(1.0, 0.01) is None


@pytest.mark.parametrize("together", [1, 40])
def test_passes_grow_with_the_noise_and_with_the_comparisons(together: int) -> None:
    counts = [passes_for(noise, 0.05, together) for noise in (0.0, 0.02, 0.05, 0.1, 0.2)]
    known = [passes for passes in counts if passes is not None]
    assert known == sorted(known)
    assert known[0] == FEWEST_PASSES
    assert all(passes <= MOST_PASSES for passes in known)
    assert (passes_for(0.05, 0.05, 40) or 0) > (passes_for(0.05, 0.05) or 0)
    assert passes_for(0.0, 0.05, more_than=7) == 8


def test_equal_servers_raise_no_alarm_and_a_planted_slowdown_is_found() -> None:
    """40 comparisons of equal servers, and one that is 10 % slower; a pass varies by 3 %."""
    draw = random.Random(5)
    alarms = 0
    for _ in range(4):
        pairs = []
        for place in range(41):
            base = [math.exp(draw.gauss(0, 0.1)) for _ in range(20)]
            factor = 1.10 if place == 0 else 1.0
            ours = [value * factor * math.exp(draw.gauss(0, 0.03)) for value in base]
            pairs.append((paired_ratio(ours, base, lower_is_better=True, seed=1), True))
        planted, *equal = judge(pairs, 2)
        assert planted.outcome == "slower"
        alarms += sum(each.outcome == "slower" for each in equal)
    assert alarms == 0
