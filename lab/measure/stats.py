"""Medians, ratios and verdicts over passes, with intervals.

The unit is the pass, never the sample. Samples of one run are autocorrelated, so an interval over
them would be many times too narrow. Intervals are bootstrap percentile intervals with the expanded
level of Hesterberg, "What Teachers Should Know About the Bootstrap" (2015), section 4.6.3, because
plain percentiles are too narrow for few passes. A paired ratio takes, on either side, the wider of
that and of Student's t interval. The reason: with five passes, no percentile of resampled means
lies outside the five values. So five ratios on one side of 1, which has 1 chance in 16, would
already claim a difference.
"""

from __future__ import annotations

__pure__ = True

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt
import scipy  # `scipy.stats` is imported when it is first used: that takes 0.7 s

Verdict = Literal["faster", "slower", "no detectable difference", "too few passes"]
Floats = npt.NDArray[np.float64]
Bounds = tuple[float, float]

CONFIDENCE = 0.95
FEWEST_PASSES = 5
"""With fewer passes there is no interval. A 95 % interval of four values is useless."""

_RESAMPLES = 9_999


@dataclass(frozen=True, slots=True)
class Comparison:
    """`ratio` = candidate / baseline, over `passes` passes.

    `low` and `high` bound its 95 % interval. None with too few passes.
    """

    ratio: float
    low: float | None
    high: float | None
    passes: int
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Interval:
    """The median over passes, its 95 % interval (None with too few passes), and the extremes."""

    median: float
    low: float | None
    high: float | None
    passes: int
    lowest: float
    highest: float


class Compare(Protocol):
    """The interface that `paired_ratio` and `unpaired_ratio` share."""

    def __call__(
        self,
        candidate: Sequence[float],
        baseline: Sequence[float],
        *,
        lower_is_better: bool,
        seed: int,
    ) -> Comparison: ...


def paired_ratio(
    candidate: Sequence[float], baseline: Sequence[float], *, lower_is_better: bool, seed: int
) -> Comparison:
    """Compare two transports of one run: `candidate[i]` and `baseline[i]` are of the same pass.

    The ratio is the geometric mean of the ratios per pass. So a disturbance of a whole pass
    (another program, a warm machine) cancels out, and swapping the two gives exactly 1 / ratio.
    Raises ValueError for unequal or no passes, and for values that are not positive and finite.
    """
    if len(candidate) != len(baseline):
        raise ValueError(f"passes don't pair: {len(candidate)} against {len(baseline)}")
    logs = _logs(candidate, "candidate") - _logs(baseline, "baseline")
    bounds = _wider(_bounds((logs,), _mean, seed), _student(logs))
    return _compared(float(logs.mean()), bounds, len(logs), lower_is_better)


def unpaired_ratio(
    candidate: Sequence[float], baseline: Sequence[float], *, lower_is_better: bool, seed: int
) -> Comparison:
    """Compare two runs. Their passes are not paired, so each run is resampled by itself.

    Raises ValueError as `paired_ratio` does, except that the numbers of passes may differ.
    """
    ours, theirs = _logs(candidate, "candidate"), _logs(baseline, "baseline")
    bounds = _bounds((ours, theirs), _difference, seed)
    passes = min(len(ours), len(theirs))
    return _compared(float(ours.mean() - theirs.mean()), bounds, passes, lower_is_better)


def interval(values: Sequence[float], *, seed: int = 0) -> Interval:
    """The median of the values of all passes, with its 95 % interval.

    Raises ValueError for no values, or for a value that is not finite.
    """
    data = _finite(values, "values")
    low, high = _bounds((data,), np.median, seed) or (None, None)
    median, lowest, highest = float(np.median(data)), float(data.min()), float(data.max())
    return Interval(median, low, high, len(data), lowest, highest)


def smallest_detectable(comparison: Comparison) -> float | None:
    """The smallest ratio above 1 that this comparison could have found to differ.

    It is the half-width of the interval on the log scale: 1.03 means that it would have found a
    difference of 3 %. None if there is no interval.
    """
    if comparison.low is None or comparison.high is None:
        return None
    return math.exp((math.log(comparison.high) - math.log(comparison.low)) / 2)


def spread(values: Sequence[float]) -> float:
    """Standard deviation over passes as a share of the mean; 0 for a single pass."""
    data = _finite(values, "values")
    mean = float(data.mean())
    return float(data.std(ddof=1)) / abs(mean) if len(data) > 1 and mean else 0.0


def drift(values: Sequence[float]) -> float:
    """By what share of the mean the values rise from the first to the last pass.

    Negative if they fall. It is taken from the fitted line if that explains most of the variance
    (|r| > 0.9). Otherwise it is 0, because noise has a slope too.
    """
    data = _finite(values, "values")
    mean = float(data.mean())
    if len(data) < FEWEST_PASSES or not mean or not data.std():
        return 0.0
    when = np.arange(len(data), dtype=np.float64)
    if abs(float(np.corrcoef(when, data)[0, 1])) <= 0.9:
        return 0.0
    return float(np.polyfit(when, data, 1)[0]) * (len(data) - 1) / mean


def expanded_level(passes: int) -> float:
    """The level at which a percentile interval really has a confidence of `CONFIDENCE`.

    Each tail is Phi(-sqrt(n / (n - 1)) * t), t the quantile of Student's t with n - 1 degrees.
    """
    tail = (1 - CONFIDENCE) / 2
    quantile = float(scipy.stats.t.ppf(1 - tail, passes - 1))
    return 1 - 2 * float(scipy.stats.norm.cdf(-math.sqrt(passes / (passes - 1)) * quantile))


def _compared(
    centre: float, bounds: Bounds | None, passes: int, lower_is_better: bool
) -> Comparison:
    if bounds is None:
        return Comparison(math.exp(centre), None, None, passes, "too few passes")
    verdict = _verdict(*bounds, lower_is_better)
    return Comparison(math.exp(centre), math.exp(bounds[0]), math.exp(bounds[1]), passes, verdict)


def _verdict(low: float, high: float, lower_is_better: bool) -> Verdict:
    """The verdict: whether the interval of the log ratio lies on one side of 0 or across it."""
    if low > 0:
        return "slower" if lower_is_better else "faster"
    if high < 0:
        return "faster" if lower_is_better else "slower"
    return "no detectable difference"


def _bounds(samples: tuple[Floats, ...], statistic: Callable[..., Any], seed: int) -> Bounds | None:
    """The bootstrap interval of `statistic`, at the level for the smallest sample."""
    passes = min(len(sample) for sample in samples)
    if passes < FEWEST_PASSES:
        return None
    result = scipy.stats.bootstrap(
        samples,
        statistic,
        n_resamples=_RESAMPLES,
        confidence_level=expanded_level(passes),
        method="percentile",
        vectorized=True,
        rng=np.random.default_rng(seed),
    )
    return float(result.confidence_interval.low), float(result.confidence_interval.high)


def _student(sample: Floats) -> Bounds:
    """Student's t interval of the mean. Infinite for a single pass."""
    if len(sample) < 2:
        return -math.inf, math.inf
    error = float(sample.std(ddof=1)) / math.sqrt(len(sample))
    reach = float(scipy.stats.t.ppf((1 + CONFIDENCE) / 2, len(sample) - 1)) * error
    return float(sample.mean()) - reach, float(sample.mean()) + reach


def _wider(first: Bounds | None, second: Bounds) -> Bounds | None:
    return None if first is None else (min(first[0], second[0]), max(first[1], second[1]))


def _mean(sample: Floats, axis: int) -> Any:
    return sample.mean(axis=axis)


def _difference(ours: Floats, theirs: Floats, axis: int) -> Any:
    return ours.mean(axis=axis) - theirs.mean(axis=axis)


def _finite(values: Sequence[float], name: str) -> Floats:
    data = np.asarray(values, dtype=np.float64)
    if not data.size:
        raise ValueError(f"{name}: no passes")
    if not np.isfinite(data).all():
        raise ValueError(f"{name}: a value isn't finite: {list(values)}")
    return data


def _logs(values: Sequence[float], name: str) -> Floats:
    data = _finite(values, name)
    if (data <= 0).any():
        raise ValueError(f"{name}: a ratio needs values above 0: {list(values)}")
    return np.log(data)
