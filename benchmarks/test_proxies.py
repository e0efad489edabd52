"""What do nginx, HAProxy and Caddy add to a direct connection, and what do they cut?

All proxies run at once, before the same server and with the lab's configurations, on the load's
core. Round trips are taken in turn by each path.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any

import msgspec
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.behind_proxies import behind, by_way_of, installed
from benchmarks.over_tls import server_arguments
from benchmarks.served_transports import ServedTransport
from benchmarks.tally import Tally, keep
from lab.chat.events import Message, RoomEvent
from lab.cluster.proxies import Site
from lab.contract import Capability, Connection
from lab.ledger.ledger import ledger
from lab.load.closed_loop import ignore, round_trips
from lab.load.tapped import Script, converse, trace_of
from lab.measure import histogram
from lab.measure.clock import now_ns
from lab.measure.figures import Workload
from lab.measure.figures.proxies import (
    DIRECT,
    EVENTS,
    EXPERIMENT,
    HEARTBEAT_S,
    IDLE_S,
    WATCHED_S,
)
from lab.measure.replicas import original
from lab.measure.server import ServerProcess

AT_ONCE_S = 5.0
"""An event that has not come by then is held: it would come when its response ends."""
MESSAGES = 10
"""Of which the bytes are counted."""


class Paths:
    """The paths to one server."""

    def __init__(self, served: ServedTransport, ports: dict[str, int]) -> None:
        self._served = served
        self.ports = ports

    def url(self, path: str) -> str:
        """Where a client connects to take this path."""
        address = self._served.address
        return by_way_of(address.url, address.port, self.ports[path])

    async def connect(self, path: str, on_event: Any = ignore) -> Connection:
        """Open a connection by this path."""
        return await self._served.transport.connect(self.url(path), on_event, self._served.options)

    async def latencies(self) -> dict[str, list[int]]:
        """Path -> round trips in ns. The paths take turns, and none is always first."""
        sizes = self._served.profile.proxies
        samples: dict[str, list[int]] = {path: [] for path in self.ports}
        async with AsyncExitStack() as stack:
            members = {}
            for path in self.ports:
                members[path] = await self.connect(path)
                stack.push_async_callback(members[path].close)
                await members[path].join(f"rtt {path}", "ann")
            for number in range(sizes.round_trips // sizes.batch + 1):
                for path in list(self.ports)[:: 1 if number % 2 else -1]:
                    texts = self._served.texts(sizes.batch)
                    found = await round_trips(members[path], f"rtt {path}", texts)
                    samples[path] += found if number else []  # the first ones open connections
        return samples

    async def at_once(self, path: str) -> int:
        """How many events of another member arrive, each before the next one is said.

        The member's response, or its WebSocket, stays open meanwhile.
        """
        arrived: asyncio.Queue[str] = asyncio.Queue()

        def hear(event: RoomEvent) -> None:
            if isinstance(event, Message):
                arrived.put_nowait(event.text)

        room, count = f"stream {path}", 0
        async with AsyncExitStack() as stack:
            speaker, member = await self.connect(DIRECT), await self.connect(path, hear)
            stack.push_async_callback(speaker.close)
            stack.push_async_callback(member.close)
            await member.join(room, "member")
            await speaker.join(room, "speaker")
            for text in self._served.texts(EVENTS):
                await speaker.say(room, text)
                try:
                    await asyncio.wait_for(arrived.get(), AT_ONCE_S)
                except TimeoutError:
                    break
                count += 1
        return count

    async def bytes(self, path: str) -> dict[str, Any]:
        """What a handshake and a message cost between the client and this path's entrance."""
        texts = tuple(self._served.texts(MESSAGES))
        options = self._served.counted_options
        port = self.ports[path]
        script = Script(room=f"bytes {path}", texts=texts)
        capture = await converse(self._served.transport, self.url(path), port, script, options)
        entry = ledger(trace_of(capture, options.tls)).entries[-1]
        assert entry.connect is not None
        assert entry.message is not None
        return {"handshake": entry.connect.cost, "message": entry.message}


@pytest.fixture(scope="session")
def paths(served: ServedTransport) -> Iterator[Paths]:
    if not installed():
        pytest.skip("no proxy is installed")
    stack = AsyncExitStack()
    ports = served.run(stack.enter_async_context(behind(served.address.port, Site())))
    try:
        yield Paths(served, ports)
    finally:
        served.run(stack.aclose())


def test_paths(benchmark: BenchmarkFixture, served: ServedTransport, paths: Paths) -> None:
    """Latency, bytes, and whether events are held, by each path."""
    benchmark.group = "proxies: what each adds (not a timing)"
    tally = Tally()
    meter = served.meter()

    async def measure() -> dict[str, Any]:
        meter.start()
        samples = await paths.latencies()
        tally.uses.append(meter.stop())
        found = {}
        for path, each in samples.items():
            times = histogram.from_samples(each)
            found[path] = {
                "p50_ns": times.percentile_ns(50),
                "p99_ns": times.percentile_ns(99),
                "at_once": await paths.at_once(path),
                **await paths.bytes(path),
            }
        tally.samples_ns = samples[DIRECT]
        tally.expected = tally.delivered = sum(map(len, samples.values()))
        return found

    detail = benchmark.pedantic(lambda: served.run(measure()), rounds=1)
    served.check()
    keep(benchmark, tally.counts(_workload(served, "paths"), _plain(detail)))


@pytest.mark.needs(Capability.WEBSOCKET)
def test_silence(benchmark: BenchmarkFixture, served: ServedTransport) -> None:
    """When a proxy cuts a WebSocket that is silent, and that a heartbeat prevents it."""
    if not installed():
        pytest.skip("no proxy is installed")
    benchmark.group = "proxies: what they cut (not a timing)"
    beating = ["--heartbeat", str(HEARTBEAT_S), "20", *server_arguments(served.transport)]
    with ServerProcess(original(served.transport.name), beating) as server:
        port = int(server.ready["port"])

        async def measure() -> dict[str, Any]:
            silent, kept = await asyncio.gather(
                _open_for(served, served.address.url, served.address.port),
                _open_for(served, server.url, port),
            )
            return {
                proxy: {
                    "cut_after_s": silent[proxy],
                    "kept_s": WATCHED_S if kept[proxy] is None else kept[proxy],
                }
                for proxy in silent
            }

        detail = benchmark.pedantic(lambda: served.run(measure()), rounds=1)
    keep(benchmark, Tally().counts(_workload(served, "silence"), detail))


async def _open_for(served: ServedTransport, url: str, port: int) -> dict[str, float | None]:
    """Proxy -> after how many seconds it has cut a connection; None: not within `WATCHED_S`."""
    async with behind(port, Site(idle_s=IDLE_S)) as ports:
        found = await asyncio.gather(
            *(_watched(served, by_way_of(url, port, entrance)) for entrance in ports.values())
        )
        return {path: each for path, each in zip(ports, found, strict=True) if path != DIRECT}


async def _watched(served: ServedTransport, url: str) -> float | None:
    connection = await served.transport.connect(url, ignore, served.options)
    try:
        await connection.join("silence", f"client of {url}"[:32])
        begun_ns = now_ns()
        await asyncio.wait([connection.closed], timeout=WATCHED_S)
        return (now_ns() - begun_ns) / 1e9 if connection.closed.done() else None
    finally:
        await connection.close()


def _workload(served: ServedTransport, measure: str) -> Workload:
    return Workload(
        transport=served.transport.name,
        experiment=EXPERIMENT,
        measure=measure,
        payload_bytes=served.profile.payload_bytes,
    )


def _plain(detail: dict[str, Any]) -> dict[str, Any]:
    """As a run stores it."""
    plain: dict[str, Any] = msgspec.to_builtins(detail)
    return plain
