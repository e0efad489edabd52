"""What a cost is computed for: users, rooms, rate and texts, each within its range."""

from __future__ import annotations

__pure__ = True

import math
from collections.abc import Mapping
from typing import Any

import msgspec

USER, ROOM = "user", "room"
PER = (USER, ROOM)
RANGES: dict[str, tuple[float, float]] = {
    "users": (1, 1e9),
    "rooms": (1, 1e9),
    "rate": (0, 1e6),
    "text_bytes": (1, 1e6),
    "hours": (0.01, 24),
}
WHOLE = ("users", "rooms", "text_bytes")


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`users`: connected at the same time, each in one of the `rooms`.

    `rate`: messages a second, of each user or into each room, as `per` says. `text_bytes`: of one
    message. `hours`: a day.
    """

    users: int
    rooms: int
    rate: float
    per: str
    text_bytes: int = 64
    hours: float = 24.0


def parse(texts: Mapping[str, str]) -> Plan:
    """The plan in a query. Raises PlanError for the first number that is wrong or missing."""
    numbers: dict[str, Any] = {}
    for field, (low, high) in RANGES.items():
        value = _number(texts.get(field, ""))
        if not math.isfinite(value) or (field in WHOLE and not value.is_integer()):
            raise PlanError(field, value, low, high)
        numbers[field] = int(value) if field in WHOLE else value
    return check(Plan(per=ROOM if texts.get("per") == ROOM else USER, **numbers))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


class PlanError(ValueError):
    """A plan is impossible. `field` is at fault; `low` and `high` bound what is possible."""

    def __init__(self, field: str, value: float, low: float, high: float) -> None:
        super().__init__(f"{value:g} is out of range: from {low:,g} to {high:,.0f}")
        self.field = field
        self.low = low
        self.high = high


def check(plan: Plan) -> Plan:
    """Return the plan. Raises PlanError if a number is out of its range."""
    ranges = RANGES | {"rooms": (1, plan.users)}
    for field, (low, high) in ranges.items():
        value = getattr(plan, field)
        if not math.isfinite(value) or not low <= value <= high:
            raise PlanError(field, value, low, high)
    return plan
