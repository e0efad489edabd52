"""The relay on real sockets: bytes come out unchanged, delayed, held back or cut off as ordered.

The only times asserted are lower bounds: nothing is EARLIER than the network allows. That something
does not arrive is proven by a later event: `Scene.later_round_trip`.
"""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import struct
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter_ns
from typing import Any, Literal, TypeVar

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.relay.relay import Chunk, ConnectionEvent, Direction, Network, Relay

T = TypeVar("T")
MS = 1_000_000
LONG_NS = 300 * MS
"""A delay in which a test that is kept waiting can still do something to what is under way."""
NETWORKS = [
    Network(),
    Network(delay_ns=2 * MS),
    Network(delay_ns=3 * MS, jitter_ns=3 * MS),
    Network(delay_ns=2 * MS, jitter_ns=2 * MS, jitter="normal"),
    Network(bandwidth_bytes_per_s=2_000_000),
    Network(delay_ns=MS, jitter_ns=MS, bandwidth_bytes_per_s=5_000_000),
]


async def soon(awaitable: Awaitable[T]) -> T:
    return await asyncio.wait_for(awaitable, 30)


class End:
    """One end of a relayed connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.made_ns = perf_counter_ns()

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def receive(self, size: int) -> bytes:
        return await soon(self.reader.readexactly(size))

    async def rest(self) -> bytes:
        return await soon(self.reader.read())

    def finish(self) -> None:
        self.writer.write_eof()

    def reset(self) -> None:
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def is_reset(self) -> bool:
        try:
            await self.rest()
        except ConnectionResetError:
            return True
        return False

    async def hears_nothing_before(self, event: Awaitable[object]) -> bool:
        """Whether neither a byte nor an end of the stream has come when the event has."""
        reading = asyncio.ensure_future(self.reader.read(1))
        await event
        nothing = not reading.done()
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        return nothing


class Scene:
    """A relay between a target that hands over what it accepts, and as many clients as wanted."""

    def __init__(self) -> None:
        self.chunks: list[Chunk] = []
        self.events: list[ConnectionEvent] = []
        self.relay: Relay
        self._accepted: asyncio.Queue[End] = asyncio.Queue()
        self._ends: list[End] = []

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        end = End(reader, writer)
        self._ends.append(end)
        self._accepted.put_nowait(end)

    async def client(self) -> End:
        end = End(*await asyncio.open_connection(self.relay.host, self.relay.port))
        self._ends.append(end)
        return end

    async def accepted(self) -> End:
        return await soon(self._accepted.get())

    async def pair(self) -> tuple[End, End]:
        return await self.client(), await self.accepted()

    async def later_round_trip(self) -> None:
        """Open a connection that is not stalled, and send a byte up and one down.

        What was sent before, over an equally long way that is open, has arrived by then.
        """
        client, target = await self.pair()
        self.relay.resume("both", connection=self.relay.opened)
        for sender, receiver in ((client, target), (target, client)):
            sender.send(b"x")
            assert await receiver.receive(1) == b"x"

    async def until_no_more_comes_in(self) -> int:
        """Wait until a later round trip brings no more bytes of others; returns their number."""
        taken = -1
        while self.relay.traffic[1].up_bytes != taken:
            taken = self.relay.traffic[1].up_bytes
            await self.later_round_trip()
        return taken

    async def until(self, kind: str, number: int = 1) -> list[ConnectionEvent]:
        """Wait for so many events of a kind."""

        async def look() -> list[ConnectionEvent]:
            while len(found := [event for event in self.events if event.kind == kind]) < number:
                await asyncio.sleep(0.001)
            return found

        return await soon(look())

    async def until_tapped(self, size_bytes: int) -> None:
        """Wait until so many bytes have arrived at the relay, in either direction."""

        async def look() -> None:
            while sum(len(chunk.data) for chunk in self.chunks) < size_bytes:
                await asyncio.sleep(0.001)

        await soon(look())

    def tapped(self, connection: int, direction: Direction) -> bytes:
        return b"".join(
            chunk.data
            for chunk in self.chunks
            if (chunk.connection, chunk.direction) == (connection, direction)
        )

    def story(self, connection: int = 1) -> list[tuple[str, str | None]]:
        return [(e.kind, e.direction) for e in self.events if e.connection == connection]

    def close(self) -> None:
        for end in self._ends:
            end.writer.transport.abort()


@asynccontextmanager
async def relayed(network: Network | None = None, **options: Any) -> AsyncIterator[Scene]:
    scene = Scene()
    server = await asyncio.start_server(scene.accept, "127.0.0.1", 0, backlog=1000)
    port = server.sockets[0].getsockname()[1]
    options = {"tap": scene.chunks.append, "watch": scene.events.append} | options
    try:
        async with Relay("127.0.0.1", port, network=network, **options) as scene.relay:
            yield scene
    finally:
        # Turns of the loop in which the server accepts what waits, and aborted sockets are closed.
        await asyncio.sleep(0.001)
        scene.close()
        server.close()
        await asyncio.sleep(0.001)


# ---- bytes


@settings(max_examples=30)
@given(
    st.sampled_from(NETWORKS),
    st.lists(st.binary(max_size=5000), max_size=8),
    st.lists(st.binary(max_size=5000), max_size=8),
)
def test_bytes_pass_unchanged_in_both_directions(
    network: Network, up: list[bytes], down: list[bytes]
) -> None:
    async def play() -> None:
        async with relayed(network) as scene:
            client, target = await scene.pair()
            for end, chunks in ((client, up), (target, down)):
                for chunk in chunks:
                    end.send(chunk)
                    await asyncio.sleep(0)
                end.finish()
            assert await target.rest() == b"".join(up) == scene.tapped(1, "up")
            assert await client.rest() == b"".join(down) == scene.tapped(1, "down")
            traffic = scene.relay.traffic[1]
            assert (traffic.up_bytes, traffic.down_bytes) == (
                len(b"".join(up)),
                len(b"".join(down)),
            )
            await scene.until("closed")

    asyncio.run(play())


@pytest.mark.parametrize("network", NETWORKS, ids=repr)
async def test_much_passes_unchanged(network: Network) -> None:
    data = os.urandom(600_000)
    async with relayed(network) as scene:
        client, target = await scene.pair()
        client.send(data)
        target.send(data[::-1])
        assert await target.receive(len(data)) == data
        assert await client.receive(len(data)) == data[::-1]


async def test_jitter_never_reorders() -> None:
    async with relayed(Network(delay_ns=5 * MS, jitter_ns=5 * MS, jitter="normal")) as scene:
        client, target = await scene.pair()
        for number in range(100):
            client.send(number.to_bytes(2, "big"))
            await asyncio.sleep(0.0002)
        received = await target.receive(200)
    assert received == b"".join(number.to_bytes(2, "big") for number in range(100))
    assert len(scene.chunks) > 1, "or there was nothing to reorder"


async def test_a_hundred_connections_at_once_keep_apart() -> None:
    async with relayed(Network(delay_ns=5 * MS)) as scene:

        async def talk(number: int) -> None:
            client = await scene.client()
            client.send(b"%03d" % number * 50)
            assert await client.receive(150) == b"%03d" % number * 50
            client.finish()
            assert await client.rest() == b""

        async def echo() -> None:
            target = await scene.accepted()
            target.send(await target.receive(150))
            assert await target.rest() == b""
            target.finish()

        await asyncio.gather(*map(talk, range(100)), *(echo() for _ in range(100)))
        await scene.until("closed", 100)
        kinds = Counter(event.kind for event in scene.events)
        assert kinds == {"opened": 100, "connected": 100, "fin": 200, "closed": 100}
        assert scene.relay.opened == 100
        assert scene.relay.connections == []
        assert scene.relay.total.up_bytes == scene.relay.total.down_bytes == 100 * 150
        for number in range(1, 101):
            assert scene.tapped(number, "up") == scene.tapped(number, "down") != b""
            assert not scene.relay.traffic[number].open


async def test_closed_connections_are_forgotten_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.relay.relay.REMEMBERED_CONNECTIONS", 2)
    async with relayed() as scene:
        for number in range(1, 5):
            client, target = await scene.pair()
            client.send(b"x")
            assert await target.receive(1) == b"x"
            client.reset()
            await scene.until("closed", number)
        assert list(scene.relay.traffic) == [3, 4]
        assert (scene.relay.opened, scene.relay.total.up_bytes) == (4, 4)


# ---- delays


async def test_nothing_is_earlier_than_a_real_line_would_bring_it() -> None:
    delay_ns = 20 * MS
    async with relayed(Network(delay_ns=delay_ns)) as scene:
        start_ns = perf_counter_ns()
        client = await scene.client()
        client.send(b"?")
        target = await scene.accepted()
        assert target.made_ns - start_ns >= delay_ns, "the SYN takes one delay"
        assert await target.receive(1) == b"?"
        assert perf_counter_ns() - start_ns >= 3 * delay_ns, (
            "a round trip of handshake, then a byte"
        )
        target.send(b"!")
        assert await client.receive(1) == b"!"
        assert perf_counter_ns() - start_ns >= 4 * delay_ns
        again_ns = perf_counter_ns()
        client.send(b"?")
        await target.receive(1)
        assert perf_counter_ns() - again_ns >= delay_ns


async def test_a_target_that_speaks_first_is_heard_after_two_round_trips() -> None:
    delay_ns = 20 * MS
    async with relayed(Network(delay_ns=delay_ns)) as scene:
        start_ns = perf_counter_ns()
        client, target = await scene.pair()
        target.send(b"220")
        assert await client.receive(3) == b"220"
        assert perf_counter_ns() - start_ns >= 4 * delay_ns


async def test_a_limited_line_is_no_faster_than_its_limit() -> None:
    async with relayed(Network(bandwidth_bytes_per_s=100_000)) as scene:
        client, target = await scene.pair()
        start_ns = perf_counter_ns()
        client.send(bytes(10_000))
        await target.receive(1460)
        first_ns = perf_counter_ns() - start_ns
        await target.receive(10_000 - 1460)
        assert perf_counter_ns() - start_ns >= 100 * MS
        assert first_ns >= 14 * MS, "the first segment"


async def test_a_chunk_is_tapped_where_it_arrives() -> None:
    delay_ns = 30 * MS
    async with relayed(Network(delay_ns=delay_ns)) as scene:
        client, target = await scene.pair()
        client.send(b"x")
        await target.receive(1)
        assert perf_counter_ns() - scene.chunks[0].at_ns >= delay_ns


# ---- changes while running


async def test_what_is_under_way_is_not_overtaken_when_the_delay_ends() -> None:
    async with relayed() as scene:
        client, target = await scene.pair()
        scene.relay.set(Network(delay_ns=50 * MS))
        start_ns = perf_counter_ns()
        client.send(b"slow")
        await scene.until_tapped(4)
        scene.relay.set(Network())
        client.send(b"fast")
        assert await target.receive(8) == b"slowfast"
        assert perf_counter_ns() - start_ns >= 50 * MS


async def test_what_waits_for_bandwidth_profits_from_more_of_it() -> None:
    data = os.urandom(100_000)
    async with relayed(Network(bandwidth_bytes_per_s=1000)) as scene:
        client, target = await scene.pair()
        client.send(data)
        client.finish()
        await scene.until_tapped(len(data))
        scene.relay.set(Network(delay_ns=MS))
        assert await target.rest() == data


async def test_a_new_network_holds_for_new_connections() -> None:
    async with relayed() as scene:
        scene.relay.set(Network(delay_ns=20 * MS))
        start_ns = perf_counter_ns()
        client, target = await scene.pair()
        client.send(b"x")
        await target.receive(1)
        assert perf_counter_ns() - start_ns >= 60 * MS


async def test_a_handshake_under_way_is_not_shortened() -> None:
    delay_ns = 30 * MS
    async with relayed(Network(delay_ns=delay_ns)) as scene:
        start_ns = perf_counter_ns()
        client, target = await scene.pair()
        scene.relay.set(Network())
        client.send(b"x")
        await target.receive(1)
        assert perf_counter_ns() - start_ns >= 2 * delay_ns


# ---- stalls


@pytest.mark.parametrize("network", NETWORKS[:3], ids=repr)
async def test_a_stall_loses_nothing(network: Network) -> None:
    data = os.urandom(300_000)
    async with relayed(network) as scene:
        client, target = await scene.pair()
        client.send(b"before")
        assert await target.receive(6) == b"before"
        scene.relay.stall("up")
        client.send(data)
        client.finish()
        target.send(b"the other way is open")
        assert await client.receive(21) == b"the other way is open"
        assert await target.hears_nothing_before(scene.later_round_trip())
        scene.relay.resume()
        assert await target.rest() == data


async def test_a_stall_holds_what_is_already_under_way() -> None:
    async with relayed(Network(delay_ns=LONG_NS)) as scene:
        client, target = await scene.pair()
        client.send(b"under way")
        await scene.until_tapped(9)
        scene.relay.stall()
        assert await target.hears_nothing_before(scene.later_round_trip())
        scene.relay.resume("up")
        assert await target.receive(9) == b"under way"


async def test_a_stall_of_all_holds_future_connections_too() -> None:
    async with relayed() as scene:
        scene.relay.stall()
        client = await scene.client()
        client.send(b"x")
        target = await scene.accepted()
        assert await target.hears_nothing_before(scene.later_round_trip())
        scene.relay.resume()
        assert await target.receive(1) == b"x"


async def test_a_stall_of_one_connection_leaves_the_others_alone() -> None:
    async with relayed() as scene:
        (held, held_target), (free, free_target) = await scene.pair(), await scene.pair()
        scene.relay.stall("both", connection=1)
        held.send(b"held")
        free.send(b"free")
        assert await free_target.receive(4) == b"free"
        assert await held_target.hears_nothing_before(scene.later_round_trip())
        scene.relay.resume("both", connection=1)
        assert await held_target.receive(4) == b"held"


@pytest.mark.parametrize("network", [Network(), Network(delay_ns=5 * MS)], ids=repr)
async def test_a_stalled_receiver_stops_the_sender_and_memory_stays_bounded(
    network: Network,
) -> None:
    data = os.urandom(1 << 20) * 24
    async with relayed(network, buffer_bytes=1 << 16, kernel_buffer_bytes=1 << 14) as scene:
        client, target = await scene.pair()
        target.writer.transport.pause_reading()  # type: ignore[attr-defined]
        client.send(data)
        client.finish()
        await scene.until_tapped(1)
        assert len(data) / 2 > await scene.until_no_more_comes_in() > 0
        # One read of the event loop, 256 KiB, may come on top of a buffer that is nearly full.
        held = scene.relay.queued_bytes()
        assert held <= (1 << 16) + (1 << 18)
        scene.relay.set(Network())  # or the small buffer would make the rest last
        target.writer.transport.resume_reading()  # type: ignore[attr-defined]
        assert await target.rest() == data


async def test_a_long_delay_does_not_fill_the_memory() -> None:
    async with relayed(buffer_bytes=1 << 16, kernel_buffer_bytes=1 << 14) as scene:
        client, _ = await scene.pair()
        scene.relay.set(Network(delay_ns=3600_000 * MS))
        client.send(bytes(24 << 20))
        await scene.until_tapped(1 << 16)
        scene.relay.set(Network())  # what is under way keeps its delay, and is not overtaken
        await scene.until_no_more_comes_in()
        assert 1 << 16 <= scene.relay.queued_bytes() <= (1 << 16) + (1 << 18)


# ---- ends


async def test_a_half_close_goes_through_as_one() -> None:
    async with relayed(Network(delay_ns=MS)) as scene:
        client, target = await scene.pair()
        client.send(b"question")
        client.finish()
        assert await target.rest() == b"question"
        target.send(b"answer")
        assert await client.receive(6) == b"answer"
        target.send(b", and more")
        target.finish()
        assert await client.rest() == b", and more"
        await scene.until("closed")
        assert scene.story() == [
            ("opened", None),
            ("connected", None),
            ("fin", "up"),
            ("fin", "down"),
            ("closed", None),
        ]


async def test_a_fin_does_not_overtake_bytes() -> None:
    async with relayed(Network(bandwidth_bytes_per_s=1_000_000)) as scene:
        client, target = await scene.pair()
        client.send(bytes(50_000))
        client.finish()
        assert len(await target.rest()) == 50_000


@pytest.mark.parametrize("network", [Network(), Network(delay_ns=5 * MS)], ids=repr)
@pytest.mark.parametrize("who", ["up", "down"])
async def test_a_reset_goes_through_as_one(network: Network, who: Direction) -> None:
    async with relayed(network) as scene:
        client, target = await scene.pair()
        breaker, other = (client, target) if who == "up" else (target, client)
        client.send(b"x")
        assert await target.receive(1) == b"x"
        breaker.reset()
        assert await other.is_reset()
        await scene.until("closed")
        assert scene.story()[2:] == [("reset", who), ("closed", None)]


@pytest.mark.parametrize("who", ["up", "down"])
async def test_an_end_that_broke_off_meanwhile_does_not_break_the_other(who: Direction) -> None:
    async with relayed() as scene:
        client, target = await scene.pair()
        breaker, finisher = (client, target) if who == "up" else (target, client)
        # In one turn: the FIN is read before the reset is, and passed on to a socket that is gone.
        finisher.finish()
        breaker.reset()
        await scene.until("closed")
        finished = "down" if who == "up" else "up"
        assert scene.story()[2:] == [("fin", finished), ("reset", who), ("closed", None)]


async def test_a_reset_waits_behind_a_stall() -> None:
    async with relayed() as scene:
        client, target = await scene.pair()
        scene.relay.stall("down")
        client.reset()
        assert await target.is_reset()
        client, target = await scene.pair()
        target.send(b"x")
        scene.relay.stall("up", connection=2)
        client.reset()
        assert await target.hears_nothing_before(scene.later_round_trip())
        scene.relay.resume()
        assert await target.is_reset()


async def test_what_is_sent_to_an_end_that_is_gone_is_not_kept() -> None:
    async with relayed() as scene:
        client, target = await scene.pair()
        scene.relay.set(Network(delay_ns=3600_000 * MS))
        target.send(b"under way")
        await scene.until_tapped(9)
        client.reset()
        await scene.until("reset")
        target.send(bytes(4 << 20))
        await scene.until_tapped(4 << 20)
        assert scene.relay.queued_bytes() == 0


async def test_a_target_that_refuses_resets_the_client() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    events: list[ConnectionEvent] = []
    async with Relay("127.0.0.1", port, watch=events.append) as relay:
        client = End(*await asyncio.open_connection(relay.host, relay.port))
        client.send(b"x")
        client.finish()
        assert await client.is_reset()
        client.writer.transport.abort()
        while relay.connections:
            await asyncio.sleep(0.001)
    kinds = [event.kind for event in events]
    assert (kinds[0], kinds[-1]) == ("opened", "closed")
    [refused] = [event for event in events if event.kind == "refused"]
    assert str(port) in refused.detail


async def test_a_client_that_leaves_before_it_has_a_target() -> None:
    async with relayed(Network(delay_ns=LONG_NS)) as scene:
        client = await scene.client()
        client.reset()
        await scene.until("closed")
        await scene.later_round_trip()
        assert scene.story() == [("opened", None), ("reset", "up"), ("closed", None)]


async def test_a_tap_that_fails_breaks_the_connection_and_is_heard() -> None:
    heard: list[dict[str, Any]] = []

    def tap(chunk: Chunk) -> None:
        raise RuntimeError("the tap leaks")

    asyncio.get_running_loop().set_exception_handler(lambda _, context: heard.append(context))
    async with relayed(tap=tap) as scene:
        client, target = await scene.pair()
        client.send(b"x")
        assert await target.is_reset()
        [event] = await scene.until("reset")
        assert event.detail == "the tap leaks"
    assert [str(context["exception"]) for context in heard] == ["the tap leaks"]


# ---- cuts


@pytest.mark.parametrize("stalled", [False, True])
@pytest.mark.parametrize("how", ["rst", "fin"])
async def test_a_cut_reaches_both_ends_at_once(how: Literal["rst", "fin"], stalled: bool) -> None:
    async with relayed(Network(delay_ns=1000 * MS)) as scene:
        scene.relay.set(Network())
        client, target = await scene.pair()
        client.send(b"x")
        target.send(b"y")
        await target.receive(1)
        await client.receive(1)
        scene.relay.set(Network(delay_ns=3600_000 * MS))
        if stalled:
            scene.relay.stall()
        client.send(b"lost")
        await scene.until_tapped(2 if stalled else 6)
        scene.relay.cut(how)
        scene.relay.cut(how)
        assert scene.relay.queued_bytes() == 0
        assert [await end.is_reset() for end in (client, target)] == [how == "rst"] * 2
        client.finish() if how == "fin" else client.writer.transport.abort()
        target.finish() if how == "fin" else target.writer.transport.abort()
        await scene.until("closed")
        assert next(event.detail for event in scene.events if event.kind == "cut") == how


async def test_what_was_under_way_at_a_cut_never_arrives() -> None:
    heard: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: heard.append(context))
    async with relayed() as scene:
        client, target = await scene.pair()
        scene.relay.set(Network(delay_ns=LONG_NS))
        client.send(b"lost")
        await scene.until_tapped(4)
        scene.relay.cut("fin")
        assert await target.rest() == b""
        await scene.later_round_trip()
    assert heard == []


async def test_a_cut_of_one_connection_leaves_the_others_alone() -> None:
    async with relayed() as scene:
        (cut, _), (kept, kept_target) = await scene.pair(), await scene.pair()
        scene.relay.cut("rst", connection=1)
        assert await cut.is_reset()
        kept.send(b"kept")
        assert await kept_target.receive(4) == b"kept"
        assert scene.relay.connections == [2]


@pytest.mark.parametrize("how", ["rst", "fin"])
async def test_a_cut_during_the_handshake(how: Literal["rst", "fin"]) -> None:
    async with relayed(Network(delay_ns=LONG_NS)) as scene:
        client = await scene.client()
        await scene.until("opened")
        scene.relay.cut(how)
        assert await client.is_reset() == (how == "rst")
        client.writer.transport.abort()
        await scene.until("closed")
        await scene.later_round_trip()
        assert "connected" not in [kind for kind, _ in scene.story()]


@pytest.mark.skipif(sys.platform != "linux", reason="relies on how Linux treats a full backlog")
async def test_a_cut_while_the_target_does_not_answer() -> None:
    events: list[ConnectionEvent] = []
    with (
        socket.create_server(("127.0.0.1", 0), backlog=0) as deaf,
        socket.create_connection(deaf.getsockname()),  # fills the backlog
    ):
        async with Relay(*deaf.getsockname(), watch=events.append) as relay:
            client = End(*await asyncio.open_connection(relay.host, relay.port))
            assert await client.hears_nothing_before(soon(is_dialing(deaf.getsockname()[1])))
            relay.cut()
            assert await client.is_reset()
            client.writer.transport.abort()
        # Leaving the relay has ended all that could still be reported.
        assert [event.kind for event in events] == ["opened", "cut", "closed"]


async def is_dialing(port: int) -> None:
    """Wait until this process has sent a SYN to the port that is not answered."""
    while not any(
        each.status == psutil.CONN_SYN_SENT and each.raddr.port == port
        for each in psutil.Process().net_connections("tcp")
    ):
        await asyncio.sleep(0.001)


async def test_a_cut_with_fin_after_a_half_close() -> None:
    async with relayed() as scene:
        client, target = await scene.pair()
        client.finish()
        assert await target.rest() == b""
        scene.relay.cut("fin")
        assert await client.rest() == b""
        target.finish()
        await scene.until("closed")


# ---- the relay itself


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.skipif(sys.platform != "linux", reason="counts open files in /proc")
@pytest.mark.parametrize("network", [Network(), Network(delay_ns=3600_000 * MS)], ids=repr)
@pytest.mark.parametrize("wait", [True, False])
async def test_leaving_closes_everything(network: Network, wait: bool) -> None:
    files, tasks = open_files(), len(asyncio.all_tasks())
    async with relayed(network) as scene:
        clients = [await scene.client() for _ in range(5)]
        for client in clients:
            client.send(bytes(100_000))
        if wait:
            await scene.until("opened", 5)
            await scene.until_tapped(1)
    while len(asyncio.all_tasks()) > tasks:
        await asyncio.sleep(0)
    gc.collect()
    assert open_files() == files
    kinds = Counter(event.kind for event in scene.events)
    assert kinds["opened"] == kinds["closed"]


@pytest.mark.parametrize("turns", range(6))
async def test_leaving_while_a_connection_is_being_accepted(turns: int) -> None:
    tasks = len(asyncio.all_tasks())
    with socket.create_server(("127.0.0.1", 0)) as target:
        async with Relay(*target.getsockname()) as relay:
            with socket.create_connection((relay.host, relay.port)):
                for _ in range(turns):
                    await asyncio.sleep(0)
        assert len(asyncio.all_tasks()) == tasks
    gc.collect()  # an unclosed socket is a warning here, and so an error


async def test_leaving_ends_what_is_still_open() -> None:
    async with relayed() as scene:
        client, target = await scene.pair()
        await scene.relay.__aexit__(None, None, None)
        for end in (client, target):
            await end.is_reset()
            assert end.reader.at_eof() or end.reader.exception()
        with pytest.raises(ConnectionRefusedError):
            await scene.client()


async def test_a_port_in_use_is_said() -> None:
    async with relayed() as scene:
        files = open_files() if sys.platform == "linux" else 0
        with pytest.raises(OSError, match="in use"):
            async with Relay("127.0.0.1", 1, port=scene.relay.port):
                pass
        assert files == (open_files() if sys.platform == "linux" else 0)


async def test_impossible_orders_are_refused() -> None:
    with pytest.raises(ValueError, match="buffer_bytes must be at least 1"):
        Relay("127.0.0.1", 1, buffer_bytes=0)
    with pytest.raises(ValueError, match="kernel_buffer_bytes must be at least 1"):
        Relay("127.0.0.1", 1, kernel_buffer_bytes=-1)
    async with relayed() as scene:
        relay = scene.relay
        with pytest.raises(LookupError, match="no live connection 7; live are \\[\\]"):
            relay.cut("rst", connection=7)
        with pytest.raises(LookupError, match="no live connection"):
            relay.stall("up", connection=7)
        with pytest.raises(ValueError, match="'up', 'down' or 'both'"):
            relay.stall("sideways")  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="'rst' or 'fin'"):
            relay.cut("axe")  # type: ignore[arg-type]


async def test_who_is_not_meant_is_turned_away_untold() -> None:
    async with relayed(peers={"127.0.0.1"}) as scene:
        stranger = await asyncio.open_connection(
            scene.relay.host, scene.relay.port, local_addr=("127.0.0.2", 0)
        )
        assert await End(*stranger).is_reset()
        stranger[1].transport.abort()
        client, target = await scene.pair()
        client.send(b"x")
        assert await target.receive(1) == b"x"
        assert scene.relay.opened == 1
        assert {event.connection for event in scene.events} == {1}
