"""What the relay costs, by real round trips; how much it is, is not a test's business."""

from __future__ import annotations

from lab.relay.overhead import LONGEST_NS, RelayOverhead, measure_overhead

MS = 1_000_000


async def test_a_row_for_each_delay() -> None:
    costs = await measure_overhead(delays_ns=(0, MS), most_rounds=20)
    assert [(cost.delay_ns, cost.rounds) for cost in costs] == [(0, 20), (MS, 20)]
    for cost in costs:
        assert cost.direct_p50_ns > 0
        assert 2 * cost.delay_ns < cost.rtt_p50_ns <= cost.rtt_p99_ns


async def test_long_delays_get_fewer_rounds() -> None:
    [cost] = await measure_overhead(delays_ns=(LONGEST_NS // 20,), most_rounds=1000)
    assert cost.rounds == 10


def test_the_error_is_what_neither_the_delay_nor_the_straight_way_explains() -> None:
    cost = RelayOverhead(
        5 * MS, 10, direct_p50_ns=30_000, rtt_p50_ns=10_330_000, rtt_p99_ns=11 * MS
    )
    assert cost.error_p50_ns == 300_000
