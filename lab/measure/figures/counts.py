"""The raw counts of a benchmark, which a run stores. Every figure is derived from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from lab.measure import histogram
from lab.measure.histogram import Histogram
from lab.measure.process import CpuUse, Side


class Workload(msgspec.Struct, frozen=True, kw_only=True):
    """The workload of a benchmark, and its client.

    A size is None if it has no meaning here. `client` is `library`, `raw`, `browser` or `node`.
    """

    transport: str
    experiment: str
    measure: str
    room_size: int | None = None
    window: int | None = None
    payload_bytes: int | None = None
    client: str = "library"


class Counts(Workload, frozen=True, kw_only=True):
    """What a benchmark counted: its `extra_info`, whose schema results/README.md documents.

    `void`: why the benchmark is void. None: it is valid, unless a delivery was lost. `detail`: what
    a picture needs besides numbers; its shape depends on the experiment. `samples_hdr` holds one
    duration in ns per operation. Shares are of one core. A measure that no figure covers is stored
    but not shown.
    """

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
    void: str | None = None
    detail: dict[str, Any] | None = None

    @property
    def valid(self) -> bool:
        """Whether nothing was lost and the benchmark is not void for another reason."""
        return not self.lost and self.void is None


def count(
    workload: Workload,
    use: CpuUse,
    samples_ns: Sequence[int] | Histogram,
    *,
    expected: int,
    delivered: int,
    detail: dict[str, Any] | None = None,
) -> Counts:
    """Make the counts of a workload. `samples_ns`: the durations of the operations, if measured."""
    if not isinstance(samples_ns, Histogram):
        samples_ns = histogram.from_samples(samples_ns)
    operations = samples_ns.count + samples_ns.out_of_range
    return Counts(
        **msgspec.structs.asdict(workload),
        operations=operations,
        samples_hdr=histogram.encode(samples_ns) if operations else None,
        expected=expected,
        delivered=delivered,
        lost=expected - delivered,
        wall_ns=use.wall_ns,
        server_cpu_ns=use.server_cpu_ns,
        load_cpu_ns=use.load_cpu_ns,
        server_share=use.server_share,
        load_share=use.load_share,
        saturated=use.saturated,
        detail=detail,
    )
