"""Statistics: what they claim by chance, what they must find, and what they refuse."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lab.measure import stats
from lab.measure.stats import paired_ratio, smallest_detectable, unpaired_ratio

SEEDS = 400
positive = st.floats(1e-6, 1e9)


def passes(rng: np.random.Generator, count: int, noise: float) -> list[float]:
    return list(rng.lognormal(3, noise, count))


@pytest.mark.parametrize("count", [5, 6, 7, 10])
def test_equal_transports_are_called_different_about_one_time_in_twenty(count: int) -> None:
    """7.5 % of 400 is 30; a true rate of 5 % exceeds that once in fifty sets of seeds."""
    rng = np.random.default_rng(count)
    claims = 0
    for seed in range(SEEDS):
        weather = np.array(passes(rng, count, 0.15))  # what a whole pass suffers cancels out
        a, b = (weather * passes(rng, count, 0.03) for _ in range(2))
        found = paired_ratio(list(a), list(b), lower_is_better=True, seed=seed)
        claims += found.verdict != "no detectable difference"
    assert claims <= 0.075 * SEEDS


@pytest.mark.parametrize("count", [5, 10])
def test_equal_runs_are_called_different_no_more_often(count: int) -> None:
    rng = np.random.default_rng(count)
    claims = 0
    for seed in range(SEEDS):
        a, b = passes(rng, count, 0.03), passes(rng, count, 0.03)
        found = unpaired_ratio(a, b, lower_is_better=True, seed=seed)
        claims += found.verdict != "no detectable difference"
    assert claims <= 0.075 * SEEDS


@pytest.mark.parametrize("compare", [paired_ratio, unpaired_ratio])
def test_a_planted_tenth_is_found_in_seven_passes_of_two_percent_noise(
    compare: stats.Compare,
) -> None:
    rng = np.random.default_rng(7)
    found = [
        compare(
            [value * 1.1 for value in passes(rng, 7, 0.02)],
            passes(rng, 7, 0.02),
            lower_is_better=True,
            seed=seed,
        )
        for seed in range(100)
    ]
    assert sum(one.verdict == "slower" for one in found) >= 99
    assert sum(one.verdict == "faster" for one in found) == 0
    assert np.median([one.ratio for one in found]) == pytest.approx(1.1, rel=0.01)


def test_what_a_whole_pass_suffers_cancels_out_in_pairs() -> None:
    weather = [1.0, 3.0, 0.5, 2.0, 8.0]
    candidate = [1.1 * each for each in weather]
    paired = paired_ratio(candidate, weather, lower_is_better=True, seed=1)
    assert paired.verdict == "slower"
    assert paired.ratio == pytest.approx(1.1)
    unpaired = unpaired_ratio(candidate, weather, lower_is_better=True, seed=1)
    assert unpaired.verdict == "no detectable difference"


@pytest.mark.parametrize(
    ("factor", "lower_is_better", "verdict"),
    [(1.5, True, "slower"), (1.5, False, "faster"), (0.5, True, "faster"), (0.5, False, "slower")],
)
def test_which_way_is_better_decides_the_word(
    factor: float, lower_is_better: bool, verdict: str
) -> None:
    rng = np.random.default_rng(3)
    base = passes(rng, 6, 0.02)
    ours = [factor * value for value in passes(rng, 6, 0.02)]
    assert paired_ratio(ours, base, lower_is_better=lower_is_better, seed=1).verdict == verdict


@given(st.lists(st.tuples(positive, positive), min_size=1, max_size=9), st.integers(0, 2**32))
def test_swapping_the_sides_inverts_the_ratio(pairs: list[tuple[float, float]], seed: int) -> None:
    a, b = [one for one, _ in pairs], [other for _, other in pairs]
    there = paired_ratio(a, b, lower_is_better=True, seed=seed)
    back = paired_ratio(b, a, lower_is_better=True, seed=seed)
    assert there.ratio * back.ratio == pytest.approx(1)


@given(st.lists(st.tuples(positive, positive), min_size=5, max_size=9), st.integers(0, 2**32))
def test_no_nan_leaks_and_the_interval_holds_the_ratio(
    pairs: list[tuple[float, float]], seed: int
) -> None:
    found = paired_ratio(*map(list, zip(*pairs, strict=True)), lower_is_better=True, seed=seed)
    assert found.low is not None and found.high is not None
    assume(math.isfinite(found.high))
    assert 0 <= found.low <= found.ratio * (1 + 1e-9)
    assert found.ratio <= found.high * (1 + 1e-9)


@pytest.mark.parametrize("count", [1, 2, 4])
def test_under_five_passes_there_is_a_ratio_but_no_verdict(count: int) -> None:
    found = paired_ratio([2.0] * count, [1.0] * count, lower_is_better=True, seed=1)
    assert found.ratio == pytest.approx(2)
    assert (found.low, found.high, found.verdict) == (None, None, "too few passes")
    assert smallest_detectable(found) is None
    assert stats.interval([1.0] * count).low is None


def test_values_that_never_vary_are_equal_or_differ_exactly() -> None:
    same = paired_ratio([4.0] * 5, [4.0] * 5, lower_is_better=True, seed=1)
    assert same.verdict == "no detectable difference"
    assert smallest_detectable(same) == 1
    assert paired_ratio([4.4] * 5, [4.0] * 5, lower_is_better=True, seed=1).verdict == "slower"


def test_the_same_seed_gives_the_same_interval() -> None:
    rng = np.random.default_rng(5)
    a, b = passes(rng, 8, 0.1), passes(rng, 8, 0.1)
    one, two = (paired_ratio(a, b, lower_is_better=True, seed=9) for _ in range(2))
    assert one == two


def test_the_smallest_detectable_difference_shrinks_with_the_noise() -> None:
    rng = np.random.default_rng(5)
    quiet, loud = (
        smallest_detectable(
            paired_ratio(passes(rng, 7, noise), passes(rng, 7, noise), lower_is_better=True, seed=1)
        )
        for noise in (0.01, 0.2)
    )
    assert quiet is not None and loud is not None
    assert 1 < quiet < 1.05 < loud


def test_the_interval_of_a_median_holds_it() -> None:
    found = stats.interval([5.0, 1.0, 4.0, 2.0, 3.0, 30.0])
    assert (found.median, found.lowest, found.highest, found.passes) == (3.5, 1, 30, 6)
    assert found.low is not None and found.high is not None
    assert 1 <= found.low <= 3.5 <= found.high <= 30


def test_the_level_asked_for_expands_as_passes_get_fewer() -> None:
    levels = [stats.expanded_level(n) for n in (5, 10, 100, 10_000)]
    assert levels == sorted(levels, reverse=True)
    assert levels[0] == pytest.approx(0.998, abs=0.001)
    assert levels[-1] == pytest.approx(0.95, abs=0.001)


@pytest.mark.parametrize("compare", [paired_ratio, unpaired_ratio])
@pytest.mark.parametrize(
    ("a", "b", "error"),
    [
        ([], [], "no passes"),
        ([1.0, 0.0], [1.0, 1.0], "above 0"),
        ([1.0, 1.0], [1.0, -1.0], "above 0"),
        ([1.0, math.nan], [1.0, 1.0], "finite"),
        ([1.0, 1.0], [1.0, math.inf], "finite"),
    ],
)
def test_what_has_no_ratio_is_refused(
    compare: stats.Compare, a: list[float], b: list[float], error: str
) -> None:
    with pytest.raises(ValueError, match=error):
        compare(a, b, lower_is_better=True, seed=1)


def test_passes_that_do_not_pair_are_refused() -> None:
    with pytest.raises(ValueError, match="2 against 1"):
        paired_ratio([1.0, 2.0], [1.0], lower_is_better=True, seed=1)
    with pytest.raises(ValueError, match="no passes"):
        stats.interval([])


def test_runs_of_unequal_length_compare_by_the_shorter() -> None:
    found = unpaired_ratio([1.0] * 9, [1.0] * 3, lower_is_better=True, seed=1)
    assert (found.passes, found.verdict) == (3, "too few passes")


def test_spread_is_relative_and_nothing_for_one_pass() -> None:
    assert stats.spread([10.0]) == 0
    assert stats.spread([0.0, 0.0]) == 0
    assert stats.spread([9.0, 11.0]) == pytest.approx(math.sqrt(2) / 10)
    assert stats.spread([900.0, 1100.0]) == pytest.approx(math.sqrt(2) / 10)


def test_drift_is_a_trend_and_not_noise() -> None:
    assert stats.drift([10.0, 11.0, 12.0, 13.0, 14.0]) == pytest.approx(4 / 12)
    assert stats.drift([14.0, 13.0, 12.0, 11.0, 10.0]) == pytest.approx(-4 / 12)
    assert stats.drift([10.0, 14.0, 9.0, 15.0, 11.0]) == 0
    assert stats.drift([10.0] * 5) == 0
    assert stats.drift([1.0, 2.0]) == 0


def test_what_reads_runs_does_not_wait_for_scipy_stats() -> None:
    code = "import sys, lab.record; sys.exit('scipy.stats' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
