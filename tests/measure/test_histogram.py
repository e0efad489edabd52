"""Histograms: bulk loading must be indistinguishable from recording one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hdrh.histogram import HdrHistogram
from hypothesis import given
from hypothesis import strategies as st

from lab.measure import histogram
from lab.measure.histogram import DIGITS, HIGHEST_NS, LOWEST_NS

durations = st.lists(st.integers(LOWEST_NS, HIGHEST_NS), max_size=200)


def one_by_one(values: list[int]) -> HdrHistogram:
    hdr = HdrHistogram(LOWEST_NS, HIGHEST_NS, DIGITS)
    for value in values:
        assert hdr.record_value(value)
    return hdr


@given(durations)
def test_bulk_loading_encodes_to_the_same_bytes(values: list[int]) -> None:
    assert histogram.encode(histogram.from_samples(values)) == one_by_one(values).encode().decode()


def test_bulk_loading_is_the_same_around_every_bucket_boundary() -> None:
    powers = [2**n for n in range(36) if 2**n <= HIGHEST_NS]
    near = {p + d for p in powers for d in (-1, 0, 1)} | {HIGHEST_NS}
    values = sorted(v for v in near if LOWEST_NS <= v <= HIGHEST_NS)
    assert histogram.encode(histogram.from_samples(values)) == one_by_one(values).encode().decode()


@given(durations.filter(bool), st.lists(st.floats(0, 100), min_size=1, max_size=5))
def test_percentiles_are_those_of_hdr(values: list[int], wanted: list[float]) -> None:
    hdr = one_by_one(values)
    expected = [hdr.get_value_at_percentile(p) for p in wanted if p]
    assert histogram.from_samples(values).percentiles_ns([p for p in wanted if p]) == expected


@given(durations, durations)
def test_merging_is_recording_all(first: list[int], second: list[int]) -> None:
    merged = histogram.merge([histogram.from_samples(first), histogram.from_samples(second)])
    assert histogram.encode(merged) == histogram.encode(histogram.from_samples(first + second))


@given(durations)
def test_decoding_gives_back_what_was_encoded(values: list[int]) -> None:
    text = histogram.encode(histogram.from_samples(values))
    back = histogram.decode(text)
    assert back.count == len(values)
    assert histogram.encode(back) == text


def test_what_is_out_of_range_is_counted_beside_and_not_clipped() -> None:
    found = histogram.from_samples([-5, 0, 1, 1000, HIGHEST_NS, HIGHEST_NS + 1])
    assert (found.count, found.below, found.above, found.out_of_range) == (3, 2, 1, 3)
    assert histogram.merge([found, found]).out_of_range == 6


def test_the_curve_rises_to_all_values_within_three_digits() -> None:
    values = np.random.default_rng(1).lognormal(11, 0.5, 5_000).astype(np.int64)
    percentile, ns = histogram.from_samples(values).percentile_curve()
    assert percentile[-1] == 100
    assert (np.diff(percentile) > 0).all()
    assert (np.diff(ns) > 0).all()
    assert ns[-1] == pytest.approx(values.max(), rel=1e-3)
    at = int(np.searchsorted(percentile, 99))
    assert ns[at] == pytest.approx(np.percentile(values, 99), rel=0.02)


def test_an_empty_histogram_has_a_curve_without_points_and_no_percentile() -> None:
    percentile, ns = histogram.from_samples([]).percentile_curve()
    assert len(percentile) == len(ns) == 0
    with pytest.raises(ValueError, match="empty"):
        histogram.from_samples([]).percentile_ns(50)


def test_a_percentile_outside_0_to_100_is_refused() -> None:
    with pytest.raises(ValueError, match="0 to 100"):
        histogram.from_samples([1]).percentile_ns(101)


@pytest.mark.parametrize("text", ["", "no histogram", "aGVsbG8=", "!!!"])
def test_what_is_no_histogram_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an HDR histogram"):
        histogram.decode(text)


def test_a_histogram_of_another_range_is_refused() -> None:
    other = HdrHistogram(1, 3_600_000, 2)
    other.record_value(5)
    with pytest.raises(ValueError, match="another range"):
        histogram.decode(other.encode().decode())
