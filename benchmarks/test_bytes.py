"""What crosses the wire, byte by byte?

Counted, not timed: one conversation through the relay, decoded, every byte charged to a layer.
"""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.tally import Tally
from lab.contract import Capability, ConnectOptions, Heartbeat, Settings, Transport
from lab.load.profiles import Profile
from lab.load.tapped import Script, Tape, converse
from lab.load.texts import incompressible
from lab.measure.server import ServerProcess
from lab.wire.decode import decode
from lab.wire.ledger import Entry, ledger

MESSAGES = 10
HEARTBEAT_S = 1
"""The shortest that every wire can keep, to see a beat or two; the figures are for the real one."""
IDLE_S = 1.6


@pytest.mark.needs(Capability.SOCKET)
def test_ledger(
    benchmark: BenchmarkFixture, wire: Transport, settings: Settings, profile: Profile
) -> None:
    """Connections, requests, round trips and bytes of one visit, from what the relay saw."""
    benchmark.group = "bytes: one visit through the relay (not a timing)"
    entry = benchmark.pedantic(_visit, args=(wire, settings, profile.payload_bytes), rounds=1)
    tally = Tally()
    tally.expected, tally.delivered = MESSAGES, entry.messages
    info = tally.info(
        wire.name,
        experiment="bytes",
        measure="ledger",
        room_size=1,
        window=1,
        payload_bytes=profile.payload_bytes,
    )
    benchmark.extra_info.update(info, detail=msgspec.to_builtins(entry))
    tally.check()


def _visit(wire: Transport, settings: Settings, payload_bytes: int) -> Entry:
    texts = tuple(incompressible(payload_bytes, MESSAGES))
    script = Script(texts=texts, idle_s=IDLE_S)
    arguments = ["--settings", settings, "--heartbeat", str(HEARTBEAT_S), "20"]
    with ServerProcess(wire.name, arguments) as server:
        options = ConnectOptions(settings=settings)
        tape: Tape = asyncio.run(converse(wire, server.url, server.ready["port"], script, options))
    found: Any = ledger(decode(tape.chunks, tape.events), Heartbeat().interval_s)
    assert len(found.entries) == 1, "one visit is one conversation"
    return msgspec.convert(found.entries[0], Entry, from_attributes=True)
