"""Put messages for groups and for single connections: each gets its own once, in order.

The reactor keeps a broadcast once for its group, and messages for one connection elsewhere, until
the end of the turn. A model that delivers at once says what each connection must have then.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conformance.client import eventually
from tests.conformance.served import nothing_uncaught
from transports._tuned.reactor import MOST_GATHERED_BYTES, Group, Outbox, Reactor


class Box(Outbox):
    """Keeps the bytes that it would send, and counts the writes."""

    def __init__(self) -> None:
        super().__init__()
        self.got: list[bytes] = []
        self.writes = 0

    def flush(self) -> None:
        self.gathered = False
        if self.unsent:
            self.got += self.unsent
            self.writes += 1
            self.unsent.clear()

    def take(self, data: bytes, packets: list[bytes]) -> None:
        assert data == b"".join(packets)
        self.got += packets
        self.writes += 1


@pytest.fixture
async def reactor() -> AsyncIterator[Reactor]:
    with nothing_uncaught():
        made = Reactor()
        yield made
        made.close()


BOXES, GROUPS = 4, 3
box, group = st.integers(0, BOXES - 1), st.integers(0, GROUPS - 1)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("put"), box, st.none()),
        st.tuples(st.just("all"), group, st.none()),
        st.tuples(st.just("all"), group, st.none()),
        st.tuples(st.just("all but"), group, box),
        st.tuples(st.just("move"), group, box),
        st.tuples(st.just("flush"), st.just(0), st.none()),
    ),
    max_size=40,
)


def in_rooms(got: list[bytes]) -> dict[bytes, list[bytes]]:
    """Split messages by group and single connection: between groups no order is promised."""
    return {
        kind: [data for data in got if data[:2] in (kind, b"p:")]
        for kind in (b"0:", b"1:", b"2:", b"p:")
    }


@given(steps)
async def test_each_connection_gets_its_messages_once_and_in_order(
    steps: list[tuple[str, int, int | None]],
) -> None:
    reactor = Reactor()
    boxes, groups = [Box() for _ in range(BOXES)], [Group() for _ in range(GROUPS)]
    expected: list[list[bytes]] = [[] for _ in range(BOXES)]
    inside: list[set[int]] = [set() for _ in range(GROUPS)]
    for number, (what, one, other) in enumerate(steps):
        if what == "put":
            data = b"p:%d" % number
            reactor.put(boxes[one], data)
            expected[one].append(data)
        elif what == "move" and other is not None:
            if other in inside[one]:
                reactor.leave(groups[one], boxes[other])
            else:
                reactor.join(groups[one], boxes[other])
            inside[one] ^= {other}
        elif what == "flush":
            reactor.flush()
        else:
            data = b"%d:%d" % (one, number)
            reactor.put_group(groups[one], data, None if other is None else boxes[other])
            for member in inside[one] - {other}:
                expected[member].append(data)
    reactor.flush()
    reactor.close()
    assert [in_rooms(box.got) for box in boxes] == [in_rooms(got) for got in expected]
    assert all(not box.gathered and not box.unsent for box in boxes)
    assert all(not group.apart and not group.unsent for group in groups)


async def test_messages_of_one_turn_are_one_write(reactor: Reactor) -> None:
    boxes, group = [Box() for _ in range(3)], Group()
    for box in boxes:
        reactor.join(group, box)
    reactor.flush()
    for _ in range(5):
        reactor.put(boxes[0], b"reply")
        reactor.put_group(group, b"event")
    await eventually(lambda: len(boxes[1].got) == 5, "the turn ended")
    assert [box.writes for box in boxes] == [1, 1, 1]
    assert boxes[0].got == [b"reply", b"event"] * 5


async def test_many_bytes_do_not_wait_for_the_end_of_the_turn(reactor: Reactor) -> None:
    box, group = Box(), Group()
    reactor.join(group, box)
    for _ in range(3):
        reactor.put_group(group, b"x" * (MOST_GATHERED_BYTES // 2))
    assert box.writes == 1
    assert sum(map(len, box.got)) > MOST_GATHERED_BYTES


async def test_a_departure_while_a_group_is_served_is_delivered(reactor: Reactor) -> None:
    group, stayed = Group(), Box()

    class Slow(Box):
        def take(self, data: bytes, packets: list[bytes]) -> None:
            reactor.leave(group, self)
            reactor.put_group(group, b"departed")

    slow = Slow()
    for box in (slow, stayed):
        reactor.join(group, box)
    reactor.flush()
    reactor.put_group(group, b"event")
    reactor.flush()
    assert stayed.got == [b"event", b"departed"]
    assert slow.got == []


async def test_a_failing_file_is_reported_and_only_it_is_aborted() -> None:
    class Failing:
        aborted = False

        def readable(self) -> None:
            raise RuntimeError("no")

        def writable(self) -> None:
            """Do nothing: the test does not need it."""

        def abort(self) -> None:
            self.aborted = True
            reactor.remove(ours.fileno())

    reported: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(
        lambda _loop, context: reported.append(context)
    )
    reactor, failing = Reactor(), Failing()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        reactor.add(ours.fileno(), failing)
        theirs.send(b"!")
        await eventually(lambda: failing.aborted, "the file was aborted")
        await reactor.emptied()
    assert [str(context["exception"]) for context in reported] == ["no"]
    reactor.close()


async def test_postponed_work_goes_on_between_other_events() -> None:
    done: list[str] = []

    class Reading:
        def __init__(self, name: str, sock: socket.socket, parts: int) -> None:
            self._name, self._sock, self._parts = name, sock, parts

        def readable(self) -> None:
            self._sock.recv(1)
            self._go_on(self._parts)

        def _go_on(self, left: int) -> None:
            done.append(self._name)
            if left > 1:
                made.postpone(self, lambda: self._go_on(left - 1))

        def writable(self) -> None:
            """Do nothing: the test does not need it."""

        def abort(self) -> None:
            """Do nothing: the test does not need it."""

    made = Reactor()
    (much, far), (little, near) = socket.socketpair(), socket.socketpair()
    with nothing_uncaught(), much, far, little, near:
        made.add(much.fileno(), Reading("much", much, 3))
        made.add(little.fileno(), Reading("little", little, 1))
        far.send(b"!!")  # the second one is read when the work for the first is done
        near.send(b"!!!!!!")
        await eventually(lambda: len(done) == 12, "everything was read")
        for turn in range(0, 12, 2):
            assert set(done[turn : turn + 2]) == {"much", "little"}
        for sock in (much, little):
            made.remove(sock.fileno())
    made.close()
