"""The bound on what waits for a Socket.IO connection: counted up and down, told when passed."""

from __future__ import annotations

import asyncio

import pytest
from engineio.packet import MESSAGE, Packet
from hypothesis import given
from hypothesis import strategies as st

from transports._socketio_engine import BoundedQueue

BOUND = 100


def weight(data: str | bytes | None) -> int:
    """What the data takes on the wire at most: four bytes a character where one isn't ASCII."""
    if isinstance(data, str) and not data.isascii():
        return 4 * len(data)
    return len(data or b"")


def packet(data: str | bytes | None) -> Packet | None:
    """None is what the library puts into a queue to end its reader."""
    return None if data is None else Packet(MESSAGE, data)


texts = st.text(max_size=40) | st.binary(max_size=120) | st.none()
PUT, GET = True, False


@given(
    steps=st.lists(st.tuples(st.just(PUT), texts) | st.tuples(st.just(GET), st.none()), max_size=60)
)
def test_an_overflow_is_told_whenever_more_waits_than_the_bound(
    steps: list[tuple[bool, str | bytes | None]],
) -> None:
    queue = BoundedQueue(BOUND)
    told = 0

    def overflow() -> None:
        nonlocal told
        told += 1

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
        assert told == expected
        assert queue.qsize() == len(waiting)


@given(text=st.text())
def test_a_packet_is_never_counted_as_less_than_it_takes(text: str) -> None:
    assert weight(text) >= len(text.encode(errors="surrogatepass"))


@pytest.mark.parametrize(
    ("data", "overflows"),
    [("x" * 100, 0), ("x" * 101, 1), (b"x" * 101, 1), ("ü" * 25, 0), ("ü" * 26, 1)],
)
def test_the_bound_itself_still_fits(data: str | bytes, overflows: int) -> None:
    queue = BoundedQueue(BOUND)
    told: list[None] = []
    queue.on_overflow = lambda: told.append(None)
    queue.put_nowait(packet(data))
    assert len(told) == overflows


def test_nobody_has_to_be_told() -> None:
    queue = BoundedQueue(BOUND)
    queue.put_nowait(packet("x" * 1000))
    assert queue.qsize() == 1


async def test_a_reader_that_waits_gets_what_is_put() -> None:
    queue = BoundedQueue(BOUND)
    told: list[None] = []
    queue.on_overflow = lambda: told.append(None)
    for _ in range(3):  # 80 bytes each time: together they would be too many
        reading = asyncio.ensure_future(queue.get())
        await asyncio.sleep(0)
        await queue.put(packet("x" * 80))
        assert (await reading).data == "x" * 80
        queue.task_done()
    await queue.join()
    assert told == []
