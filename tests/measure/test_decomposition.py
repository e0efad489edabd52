"""A cost taken apart: the parts add up to it, whatever was measured, and shares to one."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.measure.decomposition import NAMES, Measured, Parts, gap, mean, take_apart

costs = st.floats(min_value=0, max_value=1e9)
measured = st.builds(Measured, whole=costs, tuned=costs, limit=costs, chat=costs)
parts = st.builds(take_apart, measured)


def close(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-3)


@given(measured)
def test_the_parts_add_up_to_the_whole(costs: Measured) -> None:
    assert close(take_apart(costs).total, costs.whole)


@given(measured)
def test_a_remainder_is_never_clipped(costs: Measured) -> None:
    found = take_apart(costs)
    assert (found.library < 0) == (costs.whole < costs.tuned)
    assert found.protocol == costs.tuned - costs.limit - costs.chat


@given(costs, costs, costs)
def test_a_transport_without_a_library_has_no_librarys_part(
    whole: float, limit: float, chat: float
) -> None:
    own = Measured(whole=whole, tuned=whole, limit=limit, chat=chat)
    assert take_apart(own).library == 0


@given(st.lists(parts, min_size=1, max_size=8))
def test_means_of_parts_add_up_to_the_mean_of_the_whole(passes: list[Parts]) -> None:
    whole = sum(each.total for each in passes) / len(passes)
    assert close(mean(passes).total, whole)


@given(parts, parts)
def test_a_difference_is_taken_part_by_part(a: Parts, b: Parts) -> None:
    between = a.minus(b)
    assert close(between.total, a.total - b.total)
    assert [getattr(between, name) for name in NAMES] == [
        getattr(a, name) - getattr(b, name) for name in NAMES
    ]


def transport(protocol: float, library: float) -> Parts:
    return Parts(network=500, chat=100, protocol=protocol, library=library)


def test_a_gap_is_divided_between_protocol_and_library() -> None:
    """Of 14 µs between two transports, 3.5 are the protocol's."""
    found = gap([transport(4_000, 16_000)] * 5, [transport(500, 5_500)] * 5)
    assert found is not None
    assert found.distance.median == 14_000
    assert found.protocol.median == 0.25
    assert found.library.median == 0.75
    assert (found.library.low, found.library.high) == (0.75, 0.75)


positive = st.floats(min_value=1, max_value=1e6)


@given(st.lists(st.tuples(positive, positive), min_size=1, max_size=4))
def test_the_shares_of_a_gap_add_up_to_one(passes: list[tuple[float, float]]) -> None:
    found = gap([transport(*each) for each in passes], [transport(0, 0)] * len(passes))
    assert found is not None
    assert close(found.protocol.median + found.library.median, 1)
    assert close(found.protocol.lowest + found.library.highest, 1)


def test_a_share_may_be_negative_and_the_other_is_above_one_then() -> None:
    found = gap([transport(100, 9_000)], [transport(600, 1_000)])
    assert found is not None
    assert found.protocol.median == -500 / 7_500
    assert found.library.median == 8_000 / 7_500


def test_where_one_pass_has_no_gap_nothing_is_divided() -> None:
    assert gap([transport(1, 9), transport(1, 1)], [transport(1, 1), transport(1, 2)]) is None
    assert gap([], []) is None


def test_passes_must_pair() -> None:
    with pytest.raises(ValueError, match="2 against 1"):
        gap([transport(1, 2)] * 2, [transport(1, 1)])
    with pytest.raises(ValueError, match="no passes"):
        mean([])
