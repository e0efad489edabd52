"""Measurements made by hand, for tests of what is derived from them."""

from __future__ import annotations

from collections.abc import Mapping

from lab.answer import blocks
from lab.answer.measurements import Measurements, Ratio, Value
from lab.measure.stats import Verdict


def measured(
    run: str,
    values: Mapping[str, Mapping[str, float]],
    *,
    client: str = "python",
    passes: int = 5,
    spread: float = 0.1,
) -> Measurements:
    """A run with these values: transport -> figure -> value.

    Ratios follow from them. `spread`: how far their interval reaches to either side, as a share.
    """
    found: dict[str, dict[str, dict[str, Ratio]]] = {}
    for transport, other in blocks.pairs():
        ours, theirs = values.get(transport, {}), values.get(other, {})
        ratios = {
            key: _ratio(ours[key] / theirs[key], spread, passes) for key in ours.keys() & theirs
        }
        if ratios:
            found.setdefault(transport, {})[other] = ratios
    return Measurements(
        run=run,
        date="2026-11-26",
        machine="Example CPU 3000, 2 cores",
        client=client,
        settings="equal",
        passes=passes,
        values={
            transport: {key: Value(float(value), passes=passes) for key, value in each.items()}
            for transport, each in values.items()
        },
        ratios=found,
    )


def _ratio(ratio: float, spread: float, passes: int) -> Ratio:
    if passes < 5:
        return Ratio(ratio, passes=passes)
    low, high = ratio * (1 - spread), ratio * (1 + spread)
    verdict: Verdict = "slower" if low > 1 else "faster" if high < 1 else "no detectable difference"
    return Ratio(ratio, low, high, passes, verdict)
