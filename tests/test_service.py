"""The shell around the room: who is told what, in which order, and by which outlet.

The outlets here only write down what they are asked; they stand for no transport.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from lab.chat import commands, events
from lab.chat.commands import Command
from lab.chat.effects import Member
from lab.chat.events import Arrived, Departed, LoggedEvent, Message, RoomEvent
from lab.chat.limits import Limits
from lab.chat.rooms import Rooms
from lab.service import ChatService, wall_clock_ms

NOW_MS = 1_700_000_000_000
Call = tuple[Any, ...]


class Outlet:
    """Writes its calls into a diary, which several outlets may share."""

    def __init__(self, name: str, diary: list[Call]) -> None:
        self.name = name
        self.diary = diary
        self.on_broadcast: Callable[[RoomEvent], None] = lambda event: None

    def enter(self, member: Member, room: str) -> None:
        self.diary.append((self.name, "enter", member, room))

    def exit(self, member: Member, room: str) -> None:
        self.diary.append((self.name, "exit", member, room))

    def broadcast(self, room: str, event: RoomEvent, skip: Member | None) -> None:
        self.diary.append((self.name, "broadcast", room, event, skip))
        self.on_broadcast(event)

    def deliver(self, member: Member, missed: Sequence[LoggedEvent]) -> None:
        self.diary.append((self.name, "deliver", member, tuple(missed)))

    def events(self) -> list[RoomEvent]:
        return [call[3] for call in self.diary if call[:2] == (self.name, "broadcast")]


class House:
    """A service with two outlets and one diary."""

    def __init__(self) -> None:
        self.diary: list[Call] = []
        self.service = ChatService(Rooms(life="x"), clock=lambda: NOW_MS)
        self.left, self.right = Outlet("left", self.diary), Outlet("right", self.diary)

    def do(self, member: Member, command: Command) -> None:
        self.service.receive(
            member, command, lambda reply: self.diary.append(("reply", member, reply))
        )

    def joined(self, outlet: Outlet, name: str, room: str = "lab") -> Member:
        member = self.service.attach(outlet)
        self.do(member, commands.Join(0, room, name))
        return member


@pytest.fixture
def house() -> House:
    return House()


def test_every_connection_is_a_member_of_its_own(house: House) -> None:
    members = [house.service.attach(house.left) for _ in range(3)]
    house.service.detach(members[2], "closed")
    assert len({*members, house.service.attach(house.right)}) == 4


def test_the_reply_comes_first_then_the_replay_then_the_way_in(house: House) -> None:
    ada = house.joined(house.left, "ada")
    bob = house.service.attach(house.right)
    house.diary.clear()
    house.do(bob, commands.Join(7, "lab", "bob", after=0))
    assert house.diary == [
        ("left", "broadcast", "lab", Arrived("lab", "bob", 2), None),
        ("reply", bob, events.Joined(7, "lab", "bob", ["ada", "bob"], 2, False, "x.1")),
        ("right", "deliver", bob, (Arrived("lab", "ada", 1), Arrived("lab", "bob", 2))),
        ("right", "enter", bob, "lab"),
    ]
    assert ada != bob


def test_a_broadcast_goes_once_to_each_outlet_with_somebody_in_the_room(house: House) -> None:
    ada = house.joined(house.left, "ada")
    house.joined(house.left, "bob")
    house.joined(house.right, "cy")
    house.joined(house.right, "dan", room="pub")
    house.diary.clear()
    house.do(ada, commands.Say(1, "lab", "hi"))
    message = Message("lab", 4, "ada", "hi", NOW_MS)
    assert house.diary == [
        ("reply", ada, events.Said(1, "lab", 4, NOW_MS)),
        ("left", "broadcast", "lab", message, None),
        ("right", "broadcast", "lab", message, None),
    ]


def test_an_outlet_receives_a_room_until_its_last_member_has_left(house: House) -> None:
    ada = house.joined(house.left, "ada")
    bob, cy = house.joined(house.right, "bob"), house.joined(house.right, "cy")
    house.do(bob, commands.Leave(1, "lab"))
    house.service.detach(cy, "lost")
    assert [event.seq for event in house.right.events() if isinstance(event, Departed)] == [4]
    house.do(ada, commands.Say(2, "lab", "alone"))
    assert [event.seq for event in house.left.events() if isinstance(event, Message)] == [6]
    assert not any(isinstance(event, Message) for event in house.right.events())


def test_typing_skips_whoever_types_and_is_never_answered(house: House) -> None:
    ada = house.joined(house.left, "ada")
    house.diary.clear()
    house.do(ada, commands.Typing(1, "lab"))
    house.do(ada, commands.Typing(2, "nowhere"))
    assert house.diary == [("left", "broadcast", "lab", events.IsTyping("lab", "ada"), ada)]


def test_detach_departs_from_every_room_and_only_once(house: House) -> None:
    ada, bob = house.joined(house.left, "ada"), house.joined(house.right, "bob")
    house.diary.clear()
    house.service.detach(ada, "lost")
    house.service.detach(ada, "closed")
    assert house.diary == [
        ("left", "exit", ada, "lab"),
        ("right", "broadcast", "lab", Departed("lab", "ada", 3, "lost"), None),
    ]
    assert bob != ada


def test_a_command_after_detach_is_ignored(house: House) -> None:
    ada = house.joined(house.left, "ada")
    house.service.detach(ada, "closed")
    house.diary.clear()
    house.do(ada, commands.Join(1, "lab", "ada"))
    house.do(ada, commands.Rooms(2))
    assert house.diary == []


def test_a_member_found_too_slow_in_a_broadcast_departs_after_it(house: House) -> None:
    """Both outlets see the message, then the departure, and the slow one is out by then."""
    ada = house.joined(house.left, "ada")
    slow = house.joined(house.left, "slow")
    house.joined(house.right, "cy")
    house.left.on_broadcast = lambda event: house.service.detach(slow, "slow_consumer")
    house.diary.clear()
    house.do(ada, commands.Say(1, "lab", "hi"))
    message = Message("lab", 4, "ada", "hi", NOW_MS)
    departed = Departed("lab", "slow", 5, "slow_consumer")
    assert house.diary == [
        ("reply", ada, events.Said(1, "lab", 4, NOW_MS)),
        ("left", "broadcast", "lab", message, None),
        ("right", "broadcast", "lab", message, None),
        ("left", "exit", slow, "lab"),
        ("left", "broadcast", "lab", departed, None),
        ("right", "broadcast", "lab", departed, None),
    ]


def test_many_found_too_slow_one_after_another_are_seen_in_one_order(house: House) -> None:
    """Each departure makes the next outlet drop somebody: a chain, never a nest."""
    ada = house.joined(house.left, "ada")
    chain = [house.joined(house.left if n % 2 else house.right, f"slow {n}") for n in range(6)]
    house.joined(house.right, "cy")

    def drop_next(event: RoomEvent) -> None:
        if chain:
            house.service.detach(chain.pop(), "slow_consumer")

    house.left.on_broadcast = house.right.on_broadcast = drop_next
    house.diary.clear()
    house.do(ada, commands.Say(1, "lab", "hi"))
    assert house.left.events() == house.right.events()
    seqs = [event.seq for event in house.left.events() if not isinstance(event, events.IsTyping)]
    assert seqs == list(range(9, 16))


def test_a_command_received_in_a_broadcast_waits_for_its_end(house: House) -> None:
    ada = house.joined(house.left, "ada")
    cy = house.joined(house.right, "cy")

    def answer(event: RoomEvent) -> None:
        if isinstance(event, Message) and event.text == "ping":
            house.do(cy, commands.Say(2, "lab", "pong"))

    house.left.on_broadcast = answer
    house.diary.clear()
    house.do(ada, commands.Say(1, "lab", "ping"))
    assert [call[:2] for call in house.diary] == [
        ("reply", ada),
        ("left", "broadcast"),
        ("right", "broadcast"),
        ("reply", cy),
        ("left", "broadcast"),
        ("right", "broadcast"),
    ]
    assert house.left.events() == house.right.events()


def test_an_outlet_that_fails_leaves_the_service_working(house: House) -> None:
    ada = house.joined(house.left, "ada")

    def fail(event: RoomEvent) -> None:
        raise OSError("transport broken")

    house.left.on_broadcast = fail
    with pytest.raises(OSError, match="transport broken"):
        house.do(ada, commands.Say(1, "lab", "hi"))
    house.left.on_broadcast = lambda event: None
    house.diary.clear()
    house.do(ada, commands.Say(2, "lab", "again"))
    assert house.diary[0] == ("reply", ada, events.Said(2, "lab", 3, NOW_MS))


def test_the_limits_are_those_of_its_rooms() -> None:
    limits = Limits(queue_bytes=1)
    assert ChatService(Rooms(limits)).limits is limits


def test_the_clock_is_the_wall_clock_in_milliseconds() -> None:
    service = ChatService()
    outlet = Outlet("only", [])
    ada = service.attach(outlet)
    before_ms = wall_clock_ms()
    replies: list[events.Reply] = []
    service.receive(ada, commands.Join(1, "lab", "ada"), replies.append)
    service.receive(ada, commands.Say(2, "lab", "hi"), replies.append)
    said = replies[1]
    assert isinstance(said, events.Said)
    assert before_ms <= said.at <= wall_clock_ms()
