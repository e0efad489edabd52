"""What a worker reports of a batch, and how the reports of all workers become one result."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import harmonic_mean

import msgspec

from lab.load.fan_out import FanOut
from lab.measure import histogram


class Reported(msgspec.Struct, frozen=True):
    """One room's batch. `latencies`: as an HDR text. `found` has none of its own.

    `cpu_ns`, `wall_ns`: of the thread that loaded, by the worker's own clock.
    """

    found: FanOut
    latencies: str
    cpu_ns: int
    wall_ns: int


def report(found: FanOut, cpu_ns: int, wall_ns: int) -> Reported:
    """Make the report of a batch. It is small, however many messages there were."""
    text = histogram.encode(histogram.from_samples(found.last_delivery_ns))
    return Reported(msgspec.structs.replace(found, last_delivery_ns=[]), text, cpu_ns, wall_ns)


def merge(reports: Sequence[Reported]) -> FanOut:
    """Add up the batches of all rooms. Their histograms merge without loss."""
    found = [each.found for each in reports]
    writes = [each.per_write for each in found if each.per_write is not None]
    return FanOut(
        messages=sum(each.messages for each in found),
        expected=sum(each.expected for each in found),
        delivered=sum(each.delivered for each in found),
        out_of_order=sum(each.out_of_order for each in found),
        last_delivery_ns=[],
        # Every room has as many messages, so the mean over the writes is the harmonic one.
        per_write=harmonic_mean(writes) if writes else None,
        latencies=histogram.merge(histogram.decode(each.latencies) for each in reports),
    )


def busiest_share(reports: Sequence[Reported]) -> float:
    """The largest share of one core that a worker used, of its own time."""
    return max((each.cpu_ns / max(each.wall_ns, 1) for each in reports), default=0.0)
