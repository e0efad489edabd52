"""Latency distributions and their percentiles.

A thin layer over HdrHistogram. Values keep three significant digits from 1 ns to 60 s. Histograms
of several passes merge without loss. The encoding is the V2 text that every HDR tool reads.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from hdrh.histogram import HdrHistogram

LOWEST_NS = 1
HIGHEST_NS = 60_000_000_000
DIGITS = 3

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class Histogram:
    """A distribution of durations in ns.

    `below` and `above` count the values that were out of range (under 1 ns, over 60 s). They are in
    no bucket and in no percentile, so code that shows the histogram must mention them. The encoding
    does not have them.
    """

    def __init__(self, hdr: Any, *, below: int = 0, above: int = 0) -> None:
        self.hdr = hdr
        self.below = below
        self.above = above

    @property
    def count(self) -> int:
        """How many values are in range."""
        return int(self.hdr.total_count)

    @property
    def out_of_range(self) -> int:
        """How many values were out of range."""
        return self.below + self.above

    def counts(self) -> Ints:
        """The bucket counters, as a copy."""
        return np.array(_view(self.hdr), dtype=np.int64)

    def percentile_ns(self, percentile: float) -> int:
        """The highest value equivalent to the one at `percentile` (0..100), in ns.

        Raises ValueError for an empty histogram or a percentile outside 0..100.
        """
        return self.percentiles_ns([percentile])[0]

    def percentiles_ns(self, percentiles: Sequence[float]) -> list[int]:
        """`percentile_ns` for several percentiles, in their order."""
        if not self.count:
            raise ValueError("an empty histogram has no percentiles")
        if wrong := [p for p in percentiles if not 0 <= p <= 100]:
            raise ValueError(f"percentiles are from 0 to 100, not {wrong}")
        ranks = [self.hdr.get_target_count_at_percentile(p) for p in percentiles]
        # hdrh walks its 28,000 counters in Python at each call; one cumsum serves all percentiles
        indices = np.searchsorted(np.cumsum(self.counts()), ranks)
        return [self._top(int(index)) for index in indices]

    def percentile_curve(self) -> tuple[Floats, Ints]:
        """All steps of the distribution, for plots: `(percentile, ns)`, both ascending.

        `percentile[i]` percent of the values are at most `ns[i]`; the last percentile is 100.
        """
        counts = self.counts()
        used = np.flatnonzero(counts)
        percentile = np.asarray(np.cumsum(counts[used]) * 100.0 / max(self.count, 1), np.float64)
        return percentile, np.array([self._top(int(i)) for i in used], dtype=np.int64)

    def _top(self, index: int) -> int:
        value = self.hdr.get_value_from_index(index)
        return int(self.hdr.get_highest_equivalent_value(value))


def from_samples(samples_ns: Sequence[int] | npt.NDArray[np.integer[Any]]) -> Histogram:
    """Make the histogram of all `samples_ns`, loaded in bulk.

    Recording values one by one costs 600 ns each. This costs 25 ns each and encodes to the same
    bytes.
    """
    values = np.asarray(samples_ns, dtype=np.int64)
    below, above = values < LOWEST_NS, values > HIGHEST_NS
    inside = values[~(below | above)]
    hdr = _new()
    if inside.size:
        view = _view(hdr)
        view += np.bincount(_indices(hdr, inside), minlength=len(view)).astype(view.dtype)
        hdr.total_count = int(inside.size)
        hdr.min_value, hdr.max_value = int(inside.min()), int(inside.max())
    return Histogram(hdr, below=int(below.sum()), above=int(above.sum()))


def encode(histogram: Histogram) -> str:
    """Encode as the standard compressed HDR text (base64)."""
    text: bytes = histogram.hdr.encode()
    return text.decode("ascii")


def decode(text: str) -> Histogram:
    """Read a histogram that `encode` wrote.

    Raises ValueError if `text` is not one, or has another range or precision.
    """
    try:
        hdr = HdrHistogram.decode(text)
    except (
        Exception
    ) as error:  # hdrh lets errors of zlib, binascii and ctypes through, besides its own
        raise ValueError(f"not an HDR histogram: {error}") from error
    shape = (hdr.lowest_trackable_value, hdr.highest_trackable_value, hdr.significant_figures)
    if shape != (LOWEST_NS, HIGHEST_NS, DIGITS):
        raise ValueError(f"an HDR histogram of another range or precision: {shape}")
    return Histogram(hdr)


def merge(histograms: Iterable[Histogram]) -> Histogram:
    """Merge into one histogram with all values; empty for none."""
    total = Histogram(_new())
    for each in histograms:
        total.hdr.add(each.hdr)
        total.below += each.below
        total.above += each.above
    return total


def _new() -> Any:
    return HdrHistogram(LOWEST_NS, HIGHEST_NS, DIGITS)


def _view(hdr: Any) -> npt.NDArray[np.uint64]:
    """The histogram's own counters as an array without a copy. Writing to it records values."""
    counters = hdr.counts
    assert ctypes.sizeof(counters) == 8 * len(counters)
    return np.frombuffer(counters, dtype=np.uint64)


def _indices(hdr: Any, values: Ints) -> Ints:
    """`HdrHistogram._counts_index_for`, for a whole array at once."""
    half_bits = hdr.sub_bucket_half_count_magnitude
    _, length = np.frexp((values | hdr.sub_bucket_mask).astype(np.float64))
    bucket = length.astype(np.int64) - hdr.unit_magnitude - (half_bits + 1)
    sub_bucket = values >> (bucket + hdr.unit_magnitude)
    index: Ints = ((bucket + 1) << half_bits) + sub_bucket - hdr.sub_bucket_half_count
    return index
