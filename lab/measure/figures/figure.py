"""What a figure is, and the raw counts that it is taken from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from lab.measure.process import Side

ONE_EACH, GATHERED = "limit-tcp", "limit-gathered"
"""The yardsticks: one write for each delivery, and one for all that a turn has for a member."""


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """What a benchmark counted: its `extra_info`, whose schema results/README.md documents.

    `detail` is what a picture needs beyond numbers; its shape is its experiment's own.
    `samples_hdr` holds one duration in ns per operation. Shares are of one core. A measure that no
    figure covers is kept in the record and not shown.
    """

    wire: str
    experiment: str
    measure: str
    room_size: int | None = None
    window: int | None = None
    payload_bytes: int | None = None
    operations: int
    samples_hdr: str | None = None
    expected: int
    delivered: int
    lost: int
    wall_ns: int
    server_cpu_ns: int | None = None
    load_cpu_ns: int
    server_share: float | None = None
    load_share: float
    saturated: Side
    client: str = "library"
    detail: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """One number per wire and pass.

    `extract` gives it from the counts, in `unit`, or None where this wire has none (a wire without
    a server process has no server CPU). `load_bound` says that a saturated load makes it the load's
    figure and not the server's. `counted` says that it is exact: counted once, from bytes, so that
    there is no interval to give and no verdict to reach; or that it takes too long to be repeated,
    with the same consequence. Without `ratio` none is taken of it, and its spread by its size is no
    noise: it may be zero or below, or it is no cost. `floor` is the yardstick that does the least
    work for the same, where the run has it. `caveat` says from the counts why a value is
    not quite what the title says, such as `at least: load`.
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
    floor: str | None = None
    caveat: Callable[[Counts], str | None] | None = None
    payload_bytes: int | None = None
    column: str = ""
    """Heading where figures stand side by side, a row for each wire."""

    def covers(self, counts: Counts) -> bool:
        """Whether this figure is taken from these counts."""
        return (
            counts.measure == self.measure
            and self.room_size in (None, counts.room_size)
            and self.payload_bytes in (None, counts.payload_bytes)
        )
