"""The queue of a Socket.IO connection, the split of a replay, and what we use of the library."""

from __future__ import annotations

import asyncio
import inspect
import time
from types import ModuleType

import engineio
import engineio.async_socket
import pytest
import socketio
from engineio.async_drivers import aiohttp as driver
from engineio.packet import MESSAGE, Packet
from hypothesis import given
from hypothesis import strategies as st

from transports._socketio.engine import Engine
from transports._socketio.queue import BoundedQueue, PagedQueue

BOUND = 100


def weight(data: str | bytes | None) -> int:
    """The most bytes of the data on the wire: four for each character, unless all are ASCII."""
    if isinstance(data, str) and not data.isascii():
        return 4 * len(data)
    return len(data or b"")


def packet(data: str | bytes | None) -> Packet | None:
    """A packet with this data; for None, the item by which the library ends the reader."""
    return None if data is None else Packet(MESSAGE, data)


texts = st.text(max_size=40) | st.binary(max_size=120) | st.none()
PUT, GET = True, False


@given(
    steps=st.lists(st.tuples(st.just(PUT), texts) | st.tuples(st.just(GET), st.none()), max_size=60)
)
def test_an_overflow_is_reported_at_each_put_past_the_bound(
    steps: list[tuple[bool, str | bytes | None]],
) -> None:
    queue = BoundedQueue(BOUND)
    overflows_seen = 0

    def overflow() -> None:
        nonlocal overflows_seen
        overflows_seen += 1

    queue.on_overflow = overflow
    waiting: list[str | bytes | None] = []
    expected = 0
    for put, data in steps:
        if put:
            waiting.append(data)
            queue.put_nowait(packet(data))
            expected += sum(map(weight, waiting)) > BOUND
        elif waiting:
            item = queue.get_nowait()
            assert (item if item is None else item.data) == waiting.pop(0)
        assert overflows_seen == expected
        assert queue.qsize() == len(waiting)


@given(text=st.text())
def test_a_packet_never_counts_less_than_its_bytes(text: str) -> None:
    assert weight(text) >= len(text.encode(errors="surrogatepass"))


@pytest.mark.parametrize(
    ("data", "overflows"),
    [("x" * 100, 0), ("x" * 101, 1), (b"x" * 101, 1), ("ü" * 25, 0), ("ü" * 26, 1)],
)
def test_the_bound_itself_still_fits(data: str | bytes, overflows: int) -> None:
    queue = BoundedQueue(BOUND)
    reports: list[None] = []
    queue.on_overflow = lambda: reports.append(None)
    queue.put_nowait(packet(data))
    assert len(reports) == overflows


def test_a_queue_needs_no_overflow_callback() -> None:
    queue = BoundedQueue(BOUND)
    queue.put_nowait(packet("x" * 1000))
    assert queue.qsize() == 1


async def test_a_waiting_reader_gets_the_next_packet() -> None:
    queue = BoundedQueue(BOUND)
    reports: list[None] = []
    queue.on_overflow = lambda: reports.append(None)
    for _ in range(3):  # 80 bytes each time: together they would be too many
        reading = asyncio.ensure_future(queue.get())
        await asyncio.sleep(0)
        await queue.put(packet("x" * 80))
        assert (await reading).data == "x" * 80
        queue.task_done()
    await queue.join()
    assert reports == []


async def payload(queue: BoundedQueue) -> list[object]:
    """The packets that the library puts into one payload."""
    packets = [await queue.get()]
    try:
        while True:
            packets.append(queue.get_nowait())
            queue.task_done()
    except asyncio.QueueEmpty:
        queue.task_done()
        return [packet.data for packet in packets]


async def test_only_a_replay_is_split() -> None:
    queue = PagedQueue(BOUND, 2)
    for data in ("1", "2", "3"):
        queue.put_nowait(packet(data))
    queue.begin_replay()
    for data in ("4", "5", "6", "7", "8"):
        queue.put_nowait(packet(data))
    queue.end_replay()
    for data in ("9", "10", "11"):
        queue.put_nowait(packet(data))
    payloads = [await payload(queue) for _ in range(5)]
    assert payloads == [["1", "2", "3"], ["4", "5"], ["6", "7"], ["8"], ["9", "10", "11"]]
    await queue.join()


async def test_an_empty_replay_makes_no_payload() -> None:
    queue = PagedQueue(BOUND, 2)
    reading = asyncio.ensure_future(payload(queue))
    queue.begin_replay()
    queue.end_replay()
    queue.begin_replay()
    await asyncio.sleep(0)
    queue.end_replay()
    await asyncio.sleep(0)
    assert not reading.done()
    queue.put_nowait(packet("1"))
    assert await reading == ["1"]
    await queue.join()


PRIVATE = {
    "socketio.AsyncServer._engineio_server_class": "(self)",
    "socketio.AsyncServer._handle_event": "(self, eio_sid, namespace, id, data)",
    "engineio.async_socket.AsyncSocket._websocket_handler": "(self, ws)",
    "engineio.async_socket.AsyncSocket.close": "(self, wait=True, abort=False, reason=None)",
    "engineio.AsyncServer._handle_connect": "(self, environ, transport, jsonp_index=None)",
    "engineio.AsyncServer._upgrades": "(self, sid, transport)",
    "engineio.AsyncServer.handle_request": "(self, *args, **kwargs)",
    "engineio.AsyncServer.disconnect": "(self, sid=None)",
    "engineio.AsyncServer.create_queue": "(self, *args, **kwargs)",
    "engineio.AsyncServer.on": "(self, event, handler=None)",
    "socketio.packet.Packet.decode": "(self, encoded_packet)",
    "socketio.packet.Packet.add_attachment": "(self, attachment)",
    "driver.translate_request": "(request)",
    "driver.WebSocket.__init__": "(self, handler, server)",
}
"""What of the libraries is overridden, or called by a name that they don't document."""


@pytest.mark.parametrize(("path", "signature"), PRIVATE.items(), ids=list(PRIVATE))
def test_overridden_methods_have_the_expected_signatures(path: str, signature: str) -> None:
    top, *names = path.split(".")
    found: object = ROOTS[top]
    for name in names:
        found = getattr(found, name)
    assert callable(found)
    assert str(inspect.signature(found)) == signature


ROOTS: dict[str, ModuleType] = {"socketio": socketio, "engineio": engineio, "driver": driver}


def test_the_library_s_driver_has_the_entries_that_we_replace() -> None:
    assert {"translate_request", "websocket"} <= driver._async.keys()
    assert engineio.AsyncServer(async_mode="aiohttp")._async == driver._async


@pytest.mark.parametrize("jump_s", [-7200, 7200], ids=["back", "forward"])
async def test_a_clock_that_jumps_neither_ends_a_session_nor_keeps_one(
    jump_s: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Engine(
        queue_bytes=BOUND,
        websocket_compression=False,
        mended=False,
        page=None,
        async_mode="aiohttp",
        ping_timeout=20,
    )
    socket = engineio.async_socket.AsyncSocket(server, "sid")
    right = time.time
    monkeypatch.setattr(time, "time", lambda: right() + jump_s)
    assert await socket.check_ping_timeout()
    socket.last_ping -= 21
    assert not await socket.check_ping_timeout()


async def test_the_library_s_sockets_have_the_attributes_that_we_read() -> None:
    server = engineio.AsyncServer(async_mode="aiohttp")
    socket = engineio.async_socket.AsyncSocket(server, "sid")
    assert (socket.sid, socket.closed, socket.upgrading, socket.upgraded) == ("sid",) + (False,) * 3
    assert socket._websocket_handler.__self__ is socket
