"""A planted slowdown: it costs at least what it says, for every delivery, and changes no more."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest

from lab.chat.commands import Command, Join, Leave, Say, Typing
from lab.chat.effects import Member
from lab.chat.events import Joined, LoggedEvent, Reply, RoomEvent
from lab.chat.limits import UNPACED
from lab.chat.rooms import Rooms
from lab.cli import planted
from lab.cli.planted import SlowedChat, burn
from lab.contract import ConnectOptions
from lab.load.closed_loop import ignore
from lab.measure.process import cpu_ns
from lab.measure.server import ServerProcess
from lab.service import ChatService
from transports import registry


class Ears:
    """An outlet that keeps what it is told, in order."""

    def __init__(self) -> None:
        self.told: list[tuple[object, ...]] = []

    def enter(self, member: Member, room: str) -> None:
        self.told.append(("enter", member, room))

    def exit(self, member: Member, room: str) -> None:
        self.told.append(("exit", member, room))

    def broadcast(self, room: str, event: RoomEvent, skip: Member | None) -> None:
        self.told.append(("broadcast", room, event, skip))

    def deliver(self, member: Member, missed: Sequence[LoggedEvent]) -> None:
        self.told.append(("deliver", member, tuple(missed)))


def converse(chat: SlowedChat | ChatService) -> tuple[list[tuple[object, ...]], list[Reply]]:
    """Three members of two outlets, a message, a resumed join and a departure."""
    ears, others = Ears(), Ears()
    replies: list[Reply] = []
    ann, bob, cleo = chat.attach(ears), chat.attach(ears), chat.attach(others)
    for number, (member, name) in enumerate(((ann, "ann"), (bob, "bob"), (cleo, "cleo"))):
        chat.receive(member, Join(number, "lobby", name), replies.append)
    chat.receive(ann, Say(4, "lobby", "hello"), replies.append)
    chat.receive(bob, Leave(5, "lobby"), replies.append)
    chat.receive(bob, Join(6, "lobby", "bob", after=0), replies.append)
    chat.detach(cleo, "lost")
    return [*ears.told, *others.told], replies


def test_it_changes_nothing_but_the_cost() -> None:
    plain = ChatService(Rooms(UNPACED), clock=lambda: 7)
    slowed = SlowedChat(ChatService(Rooms(UNPACED), clock=lambda: 7), 1)
    assert slowed.limits == plain.limits
    assert converse(slowed) == converse(plain)


def test_each_delivery_is_paid_for(monkeypatch: pytest.MonkeyPatch) -> None:
    paid: list[int] = []
    monkeypatch.setattr(planted, "burn", paid.append)
    chat = SlowedChat(ChatService(Rooms(UNPACED)), 1000)
    ears, others = Ears(), Ears()
    ann, bob, cleo = chat.attach(ears), chat.attach(ears), chat.attach(others)

    def cost(member: Member, command: Command) -> int:
        paid.clear()
        chat.receive(member, command, lambda _: None)
        return sum(paid)

    assert cost(ann, Join(1, "lobby", "ann")) == 0, "nobody sees himself arrive"
    assert cost(bob, Join(2, "lobby", "bob")) == 1000
    assert cost(cleo, Join(3, "lobby", "cleo")) == 2000
    assert cost(ann, Say(4, "lobby", "hello")) == 3000
    assert cost(ann, Typing(5, "lobby")) == 2000, "all but herself"
    assert cost(bob, Leave(6, "lobby")) == 2000
    assert cost(bob, Say(7, "lobby", "I am not in")) == 0
    back = cost(bob, Join(8, "lobby", "bob", after=0))
    (missed,) = [one[2] for one in ears.told if one[0] == "deliver"]
    assert isinstance(missed, tuple)
    assert back == 1000 * (len(missed) + 2), "what he missed, and his arrival to two"


def test_burning_takes_the_cpu_time_that_it_says() -> None:
    ns = 20_000_000
    begun = time.process_time_ns()
    burn(ns)
    assert time.process_time_ns() - begun >= ns


async def test_a_served_transport_pays_for_each_delivery() -> None:
    ns, messages = 20_000_000, 10
    transport = registry.load("websocket")
    with ServerProcess("websocket", ["--unpaced", "--planted-slowdown", str(ns)]) as server:
        connection = await transport.connect(server.url, ignore, ConnectOptions())
        assert isinstance(await connection.join("lobby", "ann"), Joined)
        begun = cpu_ns(server.pid)
        for number in range(messages):
            await connection.say("lobby", f"message {number}")
        used = cpu_ns(server.pid) - begun
        await connection.close()
    # The reply of the last message may be here before its delivery is paid for.
    assert used >= ns * (messages - 1)
