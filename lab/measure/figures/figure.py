"""Defines a figure: one number per transport and pass, derived from raw counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from lab.measure.figures.counts import Counts

Limit = Literal["one_each", "gathered"]
"""What a baseline writes at once; see `lab.contract.Transport.limit`."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number per transport and pass.

    `extract` derives it from the counts, in `unit`. None: this transport has no such figure; for
    example, a transport without a server process has no server CPU. `load_bound`: if the load is
    saturated, the figure is the load's and not the server's. `counted`: it is exact, counted once
    from bytes, or too long to repeat; so there is no interval and no verdict. `ratio` False: it may
    be zero or negative, or is not a cost; so there are no ratios, and its relative spread is no
    sign of noise. `limit`: the kind of limit transport to compare with. `caveat` derives
    from the counts why a value is not exactly what the title says, such as `at least: load`.
    """

    key: str
    title: str
    unit: str
    experiment: str
    measure: str
    extract: Callable[[Counts], float | None]
    room_size: int | None = None
    lower_is_better: bool = True
    load_bound: bool = False
    counted: bool = False
    ratio: bool = True
    limit: Limit | None = None
    caveat: Callable[[Counts], str | None] | None = None
    payload_bytes: int | None = None
    of_client: bool = False
    """It is a cost of the client: a gate, which compares servers, does not judge it."""
    column: str = ""
    """The heading of its column in a wide table, which has a row per transport."""

    def covers(self, counts: Counts) -> bool:
        """Whether this figure is derived from these counts."""
        return (
            (counts.experiment, counts.measure) == (self.experiment, self.measure)
            and self.room_size in (None, counts.room_size)
            and self.payload_bytes in (None, counts.payload_bytes)
        )
