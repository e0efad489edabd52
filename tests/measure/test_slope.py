"""Round trips by the clock: a fitted line, and whether it contradicts a count."""

from __future__ import annotations

import pytest

from lab.measure.slope import Slope, fit


@pytest.mark.parametrize(
    ("slope", "expected"),
    [
        pytest.param(Slope(3.2, 3.1, 3.25, 0), False, id="within the tolerance"),
        pytest.param(Slope(3.4, 3.3, 3.5, 0), True, id="sure and too large"),
        pytest.param(Slope(2.6, 2.5, 2.9, 0), True, id="sure and too small"),
        pytest.param(Slope(3.4, 2.9, 6.0, 0), False, id="too large and not sure"),
    ],
)
def test_only_a_sure_slope_contradicts_a_count(slope: Slope, expected: bool) -> None:
    assert slope.contradicts([3], tolerance=0.3) is expected


@pytest.mark.parametrize(
    ("slope", "expected"),
    [
        pytest.param(Slope(5.1, 5.0, 5.2, 0), False, id="between the counts"),
        pytest.param(Slope(6.2, 6.1, 6.3, 0), False, id="near the larger"),
        pytest.param(Slope(6.5, 6.4, 6.6, 0), True, id="sure and beyond both"),
    ],
)
def test_a_slope_may_lie_between_counts_that_vary(slope: Slope, expected: bool) -> None:
    assert slope.contradicts([4, 6, 6], tolerance=0.3) is expected


def test_a_fit_finds_the_round_trips_and_what_is_left_without_any() -> None:
    millisecond = 1_000_000
    samples = {rtt * millisecond: [(2 * rtt + 3) * millisecond] * 3 for rtt in (1, 10, 20)}
    found = fit(samples)
    assert (found.round_trips, found.low, found.high) == pytest.approx((2, 2, 2))
    assert found.base_ns == pytest.approx(3 * millisecond)


def test_one_disturbed_sample_does_not_tilt_a_fit() -> None:
    samples = {0: [100] * 5, 1000: [1100] * 4 + [90_000]}
    assert fit(samples).round_trips == pytest.approx(1)


@pytest.mark.parametrize(
    "samples", [{}, {1: [1, 2]}, {1: [1], 2: []}], ids=["none", "one RTT", "an RTT without samples"]
)
def test_a_fit_needs_samples_at_two_round_trip_times(samples: dict[int, list[int]]) -> None:
    with pytest.raises(ValueError, match="two round-trip times"):
        fit(samples)
