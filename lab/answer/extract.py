"""Takes from a recorded run what the answer, `lab choose` and `lab cost` need of it."""

from __future__ import annotations

from collections.abc import Collection

from lab.answer import blocks
from lab.answer.measurements import Measurements, Ratio, Value
from lab.measure import stats
from lab.record import BY_KEY, Figure, Run
from lab.record.paired import against, mark, seed

DIGITS = 5
"""Significant digits. More would be noise, and make each change of the reference unreadable."""


def measurements(run: Run, figures: Collection[str] = blocks.FIGURES) -> Measurements:
    """The values of these figures (keys), and the ratios of the answer's pairs."""
    machine = run.environment.get("machine", {})
    values = {name: _values(run, name, figures) for name in run.transports}
    timed = (each.passes for one in values.values() for each in one.values())
    return Measurements(
        run=run.id,
        date=run.info.started[:10],
        machine=f"{machine.get('cpu') or 'unknown CPU'}, {machine.get('cores', '?')} cores",
        client=client_of(run),
        settings=run.info.settings,
        passes=max(timed, default=0),
        values={name: one for name, one in values.items() if one},
        ratios=_ratios(run),
    )


def client_of(run: Run) -> str:
    """Where the run's client ran: a key of `blocks.CLIENTS`. A Python client is library or raw."""
    kind: str = run.info.constants.get("client", "library")
    return kind if kind in blocks.CLIENTS else blocks.PYTHON


def _values(run: Run, transport: str, figures: Collection[str]) -> dict[str, Value]:
    found = ((key, _value(run, transport, BY_KEY[key])) for key in figures)
    return {key: value for key, value in found if value is not None}


def _value(run: Run, transport: str, figure: Figure) -> Value | None:
    values, why = list(run.values(transport, figure).values()), mark(run, transport, figure)
    if not values or (why or "").startswith("void"):
        return None
    found = stats.interval(values, seed=seed(run, transport, figure))
    several = found.passes > 1
    return Value(
        _rounded(found.median),
        _rounded_or_none(found.low),
        _rounded_or_none(found.high),
        found.passes,
        _rounded(found.lowest) if several else None,
        _rounded(found.highest) if several else None,
        why,
    )


def _ratios(run: Run) -> dict[str, dict[str, dict[str, Ratio]]]:
    found: dict[str, dict[str, dict[str, Ratio]]] = {}
    for transport, other in blocks.pairs():
        if transport not in run.transports or other not in run.transports:
            continue
        ratios = ((key, _ratio(run, key, transport, other)) for key in blocks.FIGURES)
        if taken := {key: ratio for key, ratio in ratios if ratio is not None}:
            found.setdefault(transport, {})[other] = taken
    return found


def _ratio(run: Run, key: str, transport: str, other: str) -> Ratio | None:
    found = against(run, key, transport, other)
    if found is None:
        return None
    low, high = _rounded_or_none(found.low), _rounded_or_none(found.high)
    return Ratio(_rounded(found.ratio), low, high, found.passes, found.verdict)


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


def _rounded_or_none(value: float | None) -> float | None:
    return None if value is None else _rounded(value)
