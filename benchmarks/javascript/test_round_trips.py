"""How many round trips until a client in JavaScript has joined, by the clock and from the bytes?

`connect` is the `connect` event of socket.io-client, or `open` of WebSocket.
"""

from __future__ import annotations

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.counted_twice import CAPTURE_NETWORK, TwiceCounted, by_the_clock, record_both
from benchmarks.javascript.bench import Bench
from benchmarks.javascript.served import ServedToJavaScript
from lab.decode.decode import decode
from lab.ledger.ledger import Handshake, ledger
from lab.load.tapped import through
from lab.relay.relay import Chunk, ConnectionEvent, Relay

CAPTURES = 5


@pytest.mark.parametrize("until", ["connect", "join"])
def test_new(benchmark: BenchmarkFixture, served: ServedToJavaScript, until: str) -> None:
    """New TCP connections for each handshake; the page or the process is the same for all."""
    benchmark.group = f"round trips until {until} in {served.place} (not a timing)"

    def count_twice() -> TwiceCounted:
        return served.run(_count_twice(served, until))

    found = benchmark.pedantic(count_twice, rounds=1)
    served.check()
    record_both(
        benchmark,
        found,
        transport=served.transport.name,
        until=until,
        connection="new",
        client=served.client,
    )


async def _count_twice(served: ServedToJavaScript, until: str) -> TwiceCounted:
    try:
        async with Relay("127.0.0.1", served.address.port) as relay:
            await _load_through(relay, served)
            times = await by_the_clock(
                relay, served.profile, lambda count: _handshakes(served.bench, until, count)
            )
        return TwiceCounted(times, await _from_the_bytes(served, until))
    finally:
        await served.load(served.address.url)


async def _handshakes(bench: Bench, until: str, count: int) -> list[int]:
    if until == "connect":
        return await bench.handshakes(count)
    return await bench.times_to_join("by the clock", count)


async def _from_the_bytes(served: ServedToJavaScript, until: str) -> list[Handshake]:
    """The ledgers of some handshakes: which of two requests arrives first may decide the count."""
    chunks: list[Chunk] = []
    events: list[ConnectionEvent] = []
    async with Relay(
        "127.0.0.1",
        served.address.port,
        network=CAPTURE_NETWORK,
        tap=chunks.append,
        watch=events.append,
    ) as relay:
        await _load_through(relay, served)
        # The relay ends before the last client's last bytes are through it. Then the server takes a
        # session of polls for alive until its heartbeat fails: so the room is no other's.
        await served.bench.times_to_join(f"until {until}, from the bytes", CAPTURES)
    # Beside the conversations, a browser may open connections that it never uses.
    entries = [entry for entry in ledger(decode(chunks, events)).entries if entry.joined]
    found = [entry.connect if until == "connect" else entry.joined for entry in entries]
    counted = [each for each in found if each is not None]
    assert len(counted) == CAPTURES, f"the capture of {served.transport.name} has {len(counted)}"
    return counted


async def _load_through(relay: Relay, served: ServedToJavaScript) -> None:
    await served.load(through(served.address.url, served.address.port, relay))
