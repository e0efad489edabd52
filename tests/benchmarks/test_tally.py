"""What rounds add up to, in the schema of the results, and what makes a benchmark fail."""

from __future__ import annotations

import msgspec
import pytest

from benchmarks.tally import Tally, VoidError
from lab.load.fan_out import FanOut
from lab.measure import histogram
from lab.measure.figures import Workload
from lab.measure.process import CpuUse


def tally(*found: FanOut) -> Tally:
    t = Tally()
    for one in found:
        t.add(one)
    return t


WHOLE = FanOut(3, 30, delivered=30, out_of_order=0, last_delivery_ns=[100, 200, 300])
LOSSY = FanOut(3, 30, delivered=28, out_of_order=0, last_delivery_ns=[100])
WORKLOAD = Workload(transport="loopback", experiment="throughput", measure="fan_out")
ASTRAY = FanOut(3, 30, delivered=30, out_of_order=1, last_delivery_ns=[100, 200, 300])


def test_rounds_add_up_in_the_schema_of_the_results() -> None:
    t = tally(WHOLE, WHOLE, LOSSY)
    t.uses = [CpuUse(1000, 500, 950), CpuUse(3000, 500, 2850)]
    counts = t.counts(msgspec.structs.replace(WORKLOAD, room_size=10, window=16))
    assert (counts.transport, counts.room_size, counts.window) == ("loopback", 10, 16)
    assert (counts.expected, counts.delivered, counts.lost) == (90, 88, 2)
    assert (counts.wall_ns, counts.load_cpu_ns, counts.server_cpu_ns) == (4000, 1000, 3800)
    assert (counts.server_share, counts.load_share) == (0.95, 0.25)
    assert counts.saturated == "server"
    assert counts.operations == 7
    assert counts.samples_hdr is not None
    assert histogram.decode(counts.samples_hdr).count == 7


@pytest.mark.parametrize(
    ("busiest_ns", "side"), [([950, 950], "load"), ([950, 800], "neither"), ([None, 800], "load")]
)
def test_of_several_processes_the_busiest_of_each_round_decides(
    busiest_ns: list[int | None], side: str
) -> None:
    t = tally(WHOLE, WHOLE)
    t.uses = [CpuUse(1000, 1300, 400, busiest) for busiest in busiest_ns]
    counts = t.counts(WORKLOAD)
    assert (counts.load_cpu_ns, counts.load_share) == (2600, 1.3)
    assert counts.saturated == side


def test_without_a_server_s_process_its_cpu_is_unknown() -> None:
    t = tally(WHOLE)
    t.uses = [CpuUse(1000, 500, None)]
    counts = t.counts(WORKLOAD)
    assert (counts.server_cpu_ns, counts.server_share, counts.saturated) == (None, None, "unknown")


def test_whole_batches_pass() -> None:
    t = tally(WHOLE, WHOLE)
    t.check()
    assert (t.expected, t.delivered) == (60, 60)


def test_a_lost_delivery_fails_the_benchmark_alone() -> None:
    with pytest.raises(VoidError, match=r"^2 of 60 lost$"):
        tally(WHOLE, LOSSY).check()


def test_a_broken_order_fails_the_whole_pass() -> None:
    with pytest.raises(pytest.fail.Exception, match=r"^1 deliveries out of order: .* broken$"):
        tally(ASTRAY, LOSSY).check()
