"""What does a delivery cost on several joined nodes, and what does the backplane add?

A case is one node alone, or one, two or four joined ones. The nodes of each case, Redis and the
load share all cores: nothing is pinned. So CPU time is compared, and not only rates.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.joined_nodes import Nodes, Used, running
from benchmarks.tally import Tally, keep
from lab.contract import Settings, Transport
from lab.load.fan_out import FanOut
from lab.load.profiles import Profile
from lab.load.texts import incompressible
from lab.measure.figures import Workload
from lab.measure.figures.nodes import ALONE, CASES, EXPERIMENT, FAR, SPREAD


def test_nodes(
    benchmark: BenchmarkFixture, transport: Transport, profile: Profile, settings: Settings
) -> None:
    """Each case on nodes of its own, one after the other."""
    benchmark.group = "nodes: what joined nodes cost (not a timing)"
    tally, seeds = Tally(), iter(range(1 << 30))

    def texts(count: int) -> Sequence[str]:
        return incompressible(profile.payload_bytes, count, next(seeds))

    async def measure() -> dict[str, Any]:
        found = {}
        for case in CASES:
            count, joined = (1, False) if case == ALONE else (int(case), True)
            at = running(transport, settings, count, joined, texts, profile.window)
            async with at as nodes:
                found[case] = await _case(case, nodes, profile, tally)
        return found

    detail = benchmark.pedantic(lambda: asyncio.run(measure()), rounds=1)
    workload = Workload(
        transport=transport.name,
        experiment=EXPERIMENT,
        measure="nodes",
        client="raw",
        window=profile.window,
        payload_bytes=profile.payload_bytes,
    )
    keep(benchmark, tally.counts(workload, detail))
    tally.check()


async def _case(case: str, nodes: Nodes, profile: Profile, tally: Tally) -> dict[str, Any]:
    sizes = profile.nodes
    found: dict[str, Any] = {
        str(room): _room(nodes, room, messages, profile.rounds, tally)
        for room, messages in sizes.messages.items()
    }
    if case in (ALONE, FAR):
        found |= nodes.latency(sizes.latencies)
    if case == FAR:
        found["foreign_ns"] = await nodes.foreign_ns(sizes.foreign)
    if case in SPREAD:
        found["wasted"] = await nodes.wasted(sizes)
    return found


def _room(nodes: Nodes, size: int, messages: int, rounds: int, tally: Tally) -> dict[str, Any]:
    """What one room costs, over the rounds after one to warm up."""
    rounds_found: list[tuple[FanOut, Used]] = []
    with nodes.room(f"room of {size}", size) as room:
        nodes.timed(room, messages)
        for _ in range(rounds):
            rounds_found.append(nodes.timed(room, messages))
    for found, used in rounds_found:
        tally.add(found)
        tally.uses.append(used.use())
    delivered = sum(found.delivered for found, _ in rounds_found)
    wall, cpu, redis, load = (
        sum(getattr(used, name) for _, used in rounds_found)
        for name in ("wall", "nodes", "redis", "load")
    )
    return {
        "cpu_ns": cpu / delivered,
        "per_s": delivered * 1e9 / wall,
        "redis_ns": redis / messages / rounds,
        "cores_used": Used(wall, cpu, redis, load).cores,
        "load_share": load / wall,
    }
