"""The schedule: how many sends, how evenly, dealt to whom; the same for a seed, without drift."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.load.open_loop.schedule import (
    HIGHEST_RATE_PER_S,
    LONGEST_S,
    SECOND_NS,
    Arrivals,
    Slot,
    deal,
    intended,
)

KINDS: tuple[Arrivals, ...] = ("constant", "poisson")
kinds = st.sampled_from(KINDS)
rates = st.one_of(st.integers(1, 500), st.floats(0.5, 500))
durations = st.one_of(st.integers(1, 2), st.floats(0.001, 2))
seeds = st.integers(0, 2**32)


@given(rates, durations)
def test_constant_gaps_fill_the_duration_and_nothing_beyond(rate: float, duration: float) -> None:
    due = list(intended("constant", rate, duration))
    exact = Fraction(str(rate)) * Fraction(str(duration))
    assert len(due) == math.ceil(exact)
    assert due[0] == 0
    assert due[-1] < duration * SECOND_NS


@given(rates, durations)
def test_constant_gaps_do_not_drift(rate: float, duration: float) -> None:
    for number, due in enumerate(intended("constant", rate, duration)):
        exact = number * SECOND_NS / Fraction(str(rate))
        assert 0 <= exact - due < 1


def test_a_rate_that_divides_a_second_has_equal_gaps() -> None:
    assert list(intended("constant", 4, 1)) == [0, 250_000_000, 500_000_000, 750_000_000]


def test_the_last_of_many_sends_at_an_odd_gap_is_where_it_belongs() -> None:
    last = next(itertools.islice(intended("constant", 300, 1000), 299_999, None))
    assert last == 299_999 * SECOND_NS // 300


def test_a_decimal_rate_means_what_it_says() -> None:
    assert list(intended("constant", 0.1, 20)) == [0, 10 * SECOND_NS]


@given(kinds, rates, durations, seeds)
def test_times_ascend_within_the_duration(
    kind: Arrivals, rate: float, duration: float, seed: int
) -> None:
    due = list(intended(kind, rate, duration, seed))
    assert due == sorted(due)
    assert all(0 <= each < duration * SECOND_NS for each in due)


@given(kinds, rates, durations, seeds)
def test_a_seed_gives_one_schedule(kind: Arrivals, rate: float, duration: float, seed: int) -> None:
    assert list(intended(kind, rate, duration, seed)) == list(intended(kind, rate, duration, seed))


def test_another_seed_gives_another_poisson_schedule() -> None:
    assert list(intended("poisson", 50, 1, 1)) != list(intended("poisson", 50, 1, 2))


@given(st.integers(200, 2000), seeds)
def test_poisson_arrivals_have_the_mean_rate(rate: int, seed: int) -> None:
    # The count of a Poisson process has the variance of its mean; eight standard deviations.
    count = sum(1 for _ in intended("poisson", rate, 2, seed))
    assert abs(count - 2 * rate) < 8 * math.sqrt(2 * rate)


def test_poisson_gaps_are_exponential() -> None:
    due = list(intended("poisson", 1000, 20, seed=7))
    gaps = [later - earlier for earlier, later in itertools.pairwise(due)]
    longer = [sum(gap > times * 1_000_000 for gap in gaps) / len(gaps) for times in (1, 2, 3)]
    assert longer == pytest.approx([math.exp(-times) for times in (1, 2, 3)], abs=0.02)


@given(st.integers(0, 300), st.integers(1, 40), st.data())
def test_sends_are_dealt_round_robin(count: int, senders: int, data: st.DataObject) -> None:
    rooms = data.draw(st.integers(1, senders))
    slots = list(deal(range(count), senders, rooms))
    assert [slot.due_ns for slot in slots] == list(range(count))
    assert all(slot.room == slot.sender % rooms for slot in slots)
    shares = Counter(slot.sender for slot in slots)
    assert max(shares.values(), default=0) - min(shares.get(s, 0) for s in range(senders)) <= 1


def test_neighbours_go_to_different_senders_and_rooms() -> None:
    assert list(deal([5, 6, 7, 8], senders=3, rooms=2)) == [
        Slot(5, 0, 0),
        Slot(6, 1, 1),
        Slot(7, 2, 0),
        Slot(8, 0, 0),
    ]


def test_a_rate_nobody_can_offer_costs_nothing_until_it_is_asked_for() -> None:
    endless = intended("constant", HIGHEST_RATE_PER_S, LONGEST_S)
    assert list(itertools.islice(endless, 3)) == [0, 1, 2]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rate", [0, -1, math.nan, math.inf, HIGHEST_RATE_PER_S + 1])
def test_impossible_rates_are_refused(kind: Arrivals, rate: float) -> None:
    with pytest.raises(ValueError, match="rate_per_s must be more than 0 and at most 1,000,000,0"):
        intended(kind, rate, 1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("duration", [0, -0.5, math.nan, math.inf, LONGEST_S + 1])
def test_impossible_durations_are_refused(kind: Arrivals, duration: float) -> None:
    with pytest.raises(ValueError, match="duration_s must be more than 0 and at most 3,600, not"):
        intended(kind, 1, duration)


def test_other_arrivals_are_refused() -> None:
    other: Any = "bursty"
    with pytest.raises(ValueError, match="'constant' or 'poisson', not 'bursty'"):
        intended(other, 1, 1)


@pytest.mark.parametrize(("senders", "rooms"), [(1, 2), (1, 0), (3, -1), (0, 0)])
def test_silent_rooms_are_refused(senders: int, rooms: int) -> None:
    with pytest.raises(ValueError, match="rooms must be from 1 to the number of senders"):
        deal([], senders, rooms)
