"""A link's bytes are kept from the opening of each connection, in bounded memory."""

from __future__ import annotations

from lab.page.recording import RECORDED_BYTES_MAX, Recording
from lab.relay.capture import Captured, Chunk, ConnectionEvent

HALF = bytes(RECORDED_BYTES_MAX // 2)


def opened(connection: int, at_ns: int) -> ConnectionEvent:
    return ConnectionEvent(connection, "opened", at_ns)


def chunk(connection: int, at_ns: int, data: bytes = b"x") -> Chunk:
    return Chunk(connection, "up", at_ns, data)


def test_what_came_is_kept_in_the_order_of_time() -> None:
    recording = Recording()
    came: list[Captured] = [opened(1, 1), opened(2, 2), chunk(1, 3), chunk(2, 4), chunk(1, 5)]
    for each in came:
        recording.add(each)
    assert recording.entries() == came
    assert recording.complete


def test_a_connection_that_began_before_is_left_out() -> None:
    recording = Recording()
    recording.add(chunk(1, 1))
    assert (recording.entries(), recording.complete) == ([], False)


def test_connections_that_have_ended_make_way_for_new_bytes() -> None:
    recording = Recording()
    for each in (opened(1, 1), chunk(1, 2, HALF), ConnectionEvent(1, "closed", 3), opened(2, 4)):
        recording.add(each)
    assert recording.complete
    recording.add(chunk(2, 5, HALF))
    assert recording.entries() == [opened(2, 4), chunk(2, 5, HALF)]
    assert not recording.complete


def test_where_none_has_ended_the_beginning_is_kept() -> None:
    recording = Recording()
    for each in (opened(1, 1), chunk(1, 2, HALF), chunk(1, 3, HALF), chunk(1, 4)):
        recording.add(each)
    # Nothing may be missing in the middle: what follows could not be decoded.
    assert recording.entries() == [opened(1, 1), chunk(1, 2, HALF)]
    assert not recording.complete
