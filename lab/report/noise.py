"""A run's criticism of itself: what in the values over passes says that they are noisy. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lab.measure import stats

TOLERATED = 0.10
"""Spread or drift over passes, as a share of the mean, from which on it is worth a warning."""


def warnings(values: Mapping[str, Sequence[float]]) -> list[str]:
    """At most one line for spread and one for drift, each with the worst case and advice.

    `values` maps what is measured, in words, to its value in each pass.
    """
    spreads = {name: stats.spread(each) for name, each in values.items()}
    drifts = {name: stats.drift(each) for name, each in values.items()}
    return [*_spread(spreads), *_drift(drifts)]


def _spread(spreads: Mapping[str, float]) -> list[str]:
    worst = _over(spreads)
    if not worst:
        return []
    return [
        f"{len(worst)} of {len(spreads)} figures vary by more than {TOLERATED:.0%} from pass to "
        f"pass (most: {worst[0]}, {spreads[worst[0]]:.0%}): trust the ratios, which are paired per "
        "pass, before the medians; more passes narrow both"
    ]


def _drift(drifts: Mapping[str, float]) -> list[str]:
    worst = _over(drifts)
    if not worst:
        return []
    return [
        f"{len(worst)} of {len(drifts)} figures drift by more than {TOLERATED:.0%} from the first "
        f"pass to the last (most: {worst[0]}, {drifts[worst[0]]:+.0%}): the machine warmed up or "
        "something else ran; run again when it is idle"
    ]


def _over(shares: Mapping[str, float]) -> list[str]:
    """The names over the limit, the worst first."""
    names = [name for name, share in shares.items() if abs(share) > TOLERATED]
    return sorted(names, key=lambda name: -abs(shares[name]))
