"""What `lab link --calibrate` measures, shows and records."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from rich import box
from rich.table import Table

from lab.link.calibrate import PACKET_BYTES, both_ways, measure_losses, measure_round_trips
from lab.link.link import Link
from lab.link.path import Conditions, Network
from lab.measure.figures import Counts, Workload, count
from lab.measure.figures.link import EXPERIMENT
from lab.measure.process import CpuMeter

if TYPE_CHECKING:
    from lab.record import Run

PROFILE = "link"
MS = 1_000_000
USUAL: dict[str, Network] = {
    **{f"rtt-{2 * ms}ms": both_ways(Conditions(delay_ns=ms * MS)) for ms in (0, 5, 10, 25, 50)},
    "loss-0%": both_ways(Conditions(loss=0.0)),
    **{f"loss-{percent}%": both_ways(Conditions(loss=percent / 100)) for percent in (1, 5, 15)},
    "loss-5%-bursts-of-4": both_ways(Conditions(loss=0.05, burst=4)),
}
"""Label -> the network that is calibrated, if none is named."""


class Calibrated(msgspec.Struct, frozen=True):
    """One network, and what was counted on it: a kind of measurement each."""

    label: str
    counts: Counts


def measure(link: Link, label: str, network: Network, packets: int) -> Iterator[Calibrated]:
    """Measure what the label is about: RTT, loss, or both."""
    link.change(network)
    if not label.startswith("loss"):
        yield Calibrated(label, _round_trips(link, label))
    if not label.startswith("rtt"):
        yield Calibrated(label, _losses(link, label, packets))


def _round_trips(link: Link, label: str) -> Counts:
    meter = CpuMeter(os.getpid(), link.pid)
    meter.start()
    trips = measure_round_trips(link)
    use, samples = meter.stop(), trips.samples_ns
    detail = {
        "set_ms": trips.set_ns / MS,
        "p50_ms": trips.percentile_ns(0.5) / MS,
        "p99_ms": trips.percentile_ns(0.99) / MS,
    }
    workload = Workload(transport=label, experiment=EXPERIMENT, measure="rtt")
    return count(
        workload, use, samples, expected=len(samples), delivered=len(samples), detail=detail
    )


def _losses(link: Link, label: str, packets: int) -> Counts:
    meter = CpuMeter(os.getpid(), link.pid)
    meter.start()
    found = measure_losses(link, packets)
    detail = {
        "set": 100 * link.network.up.loss,
        "up": 100 * found.up,
        "down": 100 * found.down,
        "uncounted": found.sent - found.carried,
        "sent": found.sent,
        "at_server": found.at_server,
        "at_client": found.at_client,
    }
    workload = Workload(transport=label, experiment=EXPERIMENT, measure="loss")
    # What the link loses here is the measurement, and makes nothing void.
    return count(workload, meter.stop(), [], expected=0, delivered=0, detail=detail)


def table(found: Sequence[Calibrated]) -> Table:
    """A row for each measurement: what was set, what was found, and the difference."""
    shown = Table("network", "measured", "set", "found", "error", box=box.SIMPLE_HEAD)
    for label, counts in ((each.label, each.counts) for each in found):
        detail = counts.detail or {}
        if counts.measure == "rtt":
            error = detail["p50_ms"] - detail["set_ms"]
            times = f"p50 {detail['p50_ms']:.3f} ms, p99 {detail['p99_ms']:.3f} ms"
            shown.add_row(label, "RTT", f"{detail['set_ms']:g} ms", times, f"{error:+.3f} ms")
            continue
        for way in ("up", "down"):
            error = detail[way] - detail["set"]
            lost = f"{detail[way]:.3f} %"
            shown.add_row(
                label, f"loss {way}", f"{detail['set']:g} %", lost, f"{error:+.3f} points"
            )
    return shown


def save(
    found: Sequence[Calibrated], networks: Mapping[str, Network], packets: int, results: Path
) -> Run:
    """Record the measurements as a run of one pass, in which each network has a label."""
    from lab import record
    from lab.record import Benchmark, PassFile

    writer = record.create(
        results,
        PROFILE,
        transports={
            label: {"settings_shown": {"network": network.shown()}}
            for label, network in networks.items()
        },
        seed=next(iter(networks.values())).seed,
        planned_passes=1,
        constants={
            "client": "library",
            "packets": packets,
            "packet_bytes": PACKET_BYTES,
            "passes": 1,
            "experiments": [EXPERIMENT],
        },
        command=["lab", "link", "--calibrate", "--packets", str(packets)],
    )
    entries = [Benchmark(f"{each.counts.measure}[{each.label}]", each.counts) for each in found]
    seconds = sum(each.counts.wall_ns for each in found) / 1e9
    writer.add_pass(msgspec.json.encode(PassFile(entries)), order=list(networks), seconds=seconds)
    return writer.finish()
