"""Finds signs of noise in the values over passes."""

from __future__ import annotations

__pure__ = True

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import median

from lab.measure import stats

TOLERATED = 0.10
"""From this spread or drift over passes on, as a share of the mean, there is a warning."""


FAR = 0.5
"""From this distance to the median over passes on, as a share of it, a value is an outlier."""
OTHERS_CORES = 0.1
"""From this number of cores on, kept busy by other programs, there is a warning."""


def other_load(cores: Mapping[int, float]) -> list[str]:
    """At most one line: in which passes other programs were busy, and how much.

    `cores` maps each pass to how many cores other programs kept busy meanwhile.
    """
    busy = {index: used for index, used in cores.items() if used > OTHERS_CORES}
    if not busy:
        return []
    worst = max(busy, key=lambda index: busy[index])
    return [
        f"other programs were at work in {len(busy)} of {len(cores)} passes (most: pass {worst}, "
        f"{busy[worst]:.2f} of a core): close them and run again"
    ]


def outliers(values: Mapping[str, Mapping[int, float]]) -> list[str]:
    """At most one line: the value farthest from its median, and the pass with most such values.

    `values` maps the name of what is measured to pass -> value.
    """
    far = {
        (name, index): value / middle - 1
        for name, each in values.items()
        if len(each) >= stats.FEWEST_PASSES and (middle := median(each.values()))
        for index, value in each.items()
        if abs(value / middle - 1) > FAR
    }
    if not far:
        return []
    name, index = max(far, key=lambda one: abs(far[one]))
    most, count = Counter(index for _, index in far).most_common(1)[0]
    return [
        f"{len(far)} values lie more than {FAR:.0%} from their median over passes (farthest: "
        f"{name} in pass {index}, {far[name, index]:+.0%}; most of them, {count}, in pass {most}): "
        "something disturbed the machine for a moment; run again, or with more passes"
    ]


def warnings(values: Mapping[str, Sequence[float]]) -> list[str]:
    """At most one line for spread and one for drift, each with the worst case and advice.

    `values` maps the name of what is measured to its value in each pass.
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
    """The names above the limit, the worst first."""
    names = [name for name, share in shares.items() if abs(share) > TOLERATED]
    return sorted(names, key=lambda name: -abs(shares[name]))
