"""What crosses the wire, byte by byte?

Counted, not timed: one conversation through the relay is decoded, and every byte assigned to a
layer.
"""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.over_tls import counted_options, server_arguments
from benchmarks.tally import Tally, keep
from lab.contract import ConnectOptions, Heartbeat, Settings, Transport
from lab.ledger.ledger import Entry, ledger
from lab.load.profiles import Profile
from lab.load.tapped import Capture, Script, converse, trace_of
from lab.load.texts import incompressible
from lab.measure.figures import Workload
from lab.measure.replicas import original, over_tls
from lab.measure.server import ServerProcess

MESSAGES = 10
HEARTBEAT_S = 1
"""The shortest heartbeat that every transport can keep, to see one or two. The figures are for the
real interval."""
IDLE_S = 1.6


def test_ledger(
    benchmark: BenchmarkFixture, transport: Transport, settings: Settings, profile: Profile
) -> None:
    """Connections, requests, round trips and bytes of one session, from what the relay saw."""
    benchmark.group = "bytes: one session through the relay (not a timing)"
    entry = benchmark.pedantic(_run_session, args=(transport, settings, profile), rounds=1)
    tally = Tally()
    tally.expected, tally.delivered = MESSAGES, entry.messages
    workload = Workload(
        transport=transport.name,
        experiment="bytes",
        measure="ledger",
        room_size=1,
        window=1,
        payload_bytes=profile.payload_bytes,
    )
    keep(benchmark, tally.counts(workload, msgspec.to_builtins(entry)))
    tally.check()


def _run_session(transport: Transport, settings: Settings, profile: Profile) -> Entry:
    texts = tuple(incompressible(profile.payload_bytes, MESSAGES))
    script = Script(texts=texts, idle_s=IDLE_S if profile.heartbeats else 0)
    arguments = ["--settings", settings, "--heartbeat", str(HEARTBEAT_S), "20"]
    arguments += server_arguments(transport)
    # The first session over TLS has nothing to resume.
    visits = 2 if over_tls(transport.name) == "resumed" else 1
    with (
        ServerProcess(original(transport.name), arguments) as server,
        counted_options(transport, ConnectOptions(settings=settings), server) as options,
    ):
        capture: Capture = asyncio.run(
            converse(transport, server.url, server.ready["port"], script, options, visits=visits)
        )
        found: Any = ledger(trace_of(capture, options.tls), Heartbeat().interval_s)
    assert len(found.entries) == visits, "one session is one conversation"
    return msgspec.convert(found.entries[-1], Entry, from_attributes=True)
