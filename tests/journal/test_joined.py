"""Rooms of two nodes that a real Redis server joins, in one process."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import msgspec
import psutil
import pytest

from lab.chat import commands, events
from lab.chat.commands import Command
from lab.chat.effects import Member
from lab.chat.events import Arrived, Departed, IsTyping, Message, RoomEvent
from lab.chat.limits import Limits
from lab.chat.rooms import Rooms
from lab.cluster.programs import free_ports, missing
from lab.cluster.redis import redis_server
from lab.journal.contract import JournalError
from lab.journal.redis import node as node_module
from lab.journal.redis import room as room_module
from lab.journal.redis.backplane import LOST_LEASE, Append, Backplane, Loaded
from lab.journal.redis.claim import claim
from lab.service import ChatService
from tests.conformance.client import eventually
from tests.interop.conftest import needs
from tests.journal.redis_rooms import LEASE_S, NodeRoom, nodes, redis_for_all
from tests.test_service import NOW_MS, Outlet

NARROW = Limits(
    rooms_per_connection=2, members_per_room=3, rooms=3, page_rooms=2, log_events=20, text_bytes=20
)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One Redis server for all; each test has a database of its own."""
    with redis_for_all(tmp_path_factory.mktemp("redis")) as found:
        yield found


async def test_two_nodes_have_one_room(url: str) -> None:
    async with nodes(f"{url}/1", "a", "b") as (here, there):
        ada = await here.joined("ada")
        bob = await there.joined("bob")
        await here.sees(Arrived("lab", "bob", 2))
        said = await there.ask(bob, commands.Say(1, "lab", "hi", "k"))
        assert said == events.Said(1, "lab", 3, NOW_MS)
        hi = Message("lab", 3, "bob", "hi", NOW_MS)
        await here.sees(hi)
        await there.sees(hi)
        here.do(ada, commands.Typing(2, "lab"))
        await there.sees(IsTyping("lab", "ada"))
        assert IsTyping("lab", "ada") in here.outlet.events()
        assert await here.ask(ada, commands.Rooms(3)) == events.Listing(
            3, [events.RoomSummary("lab", 2, 3)]
        )
        there.chat.detach(bob, "closed")
        await here.sees(Departed("lab", "bob", 4, "closed"))
        # Resume, at the other node.
        back = here.attach()
        reply = await here.ask(back, commands.Join(4, "lab", "bob", 2))
        assert isinstance(reply, events.Joined)
        assert (reply.members, reply.seq, reply.truncated) == (["ada", "bob"], 5, False)
        again = await here.ask(back, commands.Say(5, "lab", "hi", "k"))
        assert again == events.Said(5, "lab", 3, NOW_MS)
        (missed,) = [call[3] for call in here.diary if call[1] == "deliver"]
        assert [event.seq for event in missed] == [3, 4, 5]
        # A node without members reads nothing.
        assert not there.chat.node.rooms
        # Its last read of the room ends with the departure, the fourth entry.
        await eventually(lambda: there.chat.backplane()["reads"] == 4, "the last read ended")
        before = there.chat.backplane()
        await here.ask(back, commands.Say(6, "lab", "alone"))
        await there.ask(there.attach(), commands.Rooms(7))
        assert there.chat.backplane() == before


class Alone(NodeRoom):
    """The same calls of one server whose rooms are its own."""

    def __init__(self) -> None:
        self.chat = ChatService(Rooms(NARROW), clock=lambda: NOW_MS)  # type: ignore[assignment]
        self.diary = []
        self.outlet = Outlet("it", self.diary)


def script(seed: int, length: int) -> list[tuple[int, Command | None]]:
    """Who does what; None: the connection ends, and another one takes its place."""
    draw = random.Random(seed)
    rooms, names = ["one", "two", "three", "four"], ["ada", "bob", "cy"]
    found: list[tuple[int, Command | None]] = []
    for number in range(length):
        room = draw.choice(rooms)
        after, key = draw.choice([None, 0, 3, 99]), draw.choice([None, "k", "l"])
        text = draw.choice(["hi", "x" * 30])
        kinds: list[Command | None] = [
            *[commands.Join(number, room, draw.choice([*names, " "]), after)] * 4,
            *[commands.Say(number, room, text, key)] * 4,
            *[commands.Leave(number, room)] * 2,
            commands.History(number, room, draw.randint(1, 9)),
            commands.Rooms(number, draw.choice([None, "one"])),
            None,
        ]
        found.append((draw.randrange(5), draw.choice(kinds)))
    return found


@pytest.mark.parametrize("seed", range(3))
async def test_nodes_answer_as_one_server_does(url: str, seed: int) -> None:
    """Every command is answered before the next one: so one server's answers are the only ones."""
    alone = Alone()
    async with nodes(f"{url}/{2 + seed}", "a", "b", limits=NARROW) as both:
        places = [both[number % 2] for number in range(5)]
        members = [place.attach() for place in places]
        lonely = [alone.attach() for _ in places]
        epochs: dict[str, str | None] = {}
        for who, command in script(seed, 250):
            if command is None:
                places[who].chat.detach(members[who], "lost")
                alone.chat.detach(lonely[who], "lost")
                # The next answer of this node comes after the departures are in Redis.
                members[who] = places[who].attach()
                await places[who].ask(members[who], commands.Rooms(0))
                lonely[who] = alone.attach()
                continue
            expected = await alone.ask(lonely[who], command)
            found = await places[who].ask(members[who], command)
            if isinstance(expected, events.Joined) and isinstance(found, events.Joined):
                assert epochs.setdefault(str(expected.epoch), found.epoch) == found.epoch
                expected = msgspec.structs.replace(expected, epoch=found.epoch)
            assert found == expected, f"{command}"
        assert len(set(epochs.values())) == len(epochs) > 3, "several lives of rooms"


def logged(room: NodeRoom, name: str) -> list[RoomEvent]:
    return [event for event in room.outlet.events() if event.room == name]


async def test_commands_that_are_on_their_way_together_have_one_order(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room_module, "LONGEST", 25)
    async with nodes(f"{url}/6", "a", "b") as both:
        here, there = both
        first, second = await here.joined("ada"), await there.joined("bob")
        for number in range(40):
            here.do(first, commands.Say(number, "lab", "from ada"))
            there.do(second, commands.Say(number, "lab", "from bob", str(number % 30)))
        # What follows in another room waits for its turn.
        here.do(first, commands.Join(90, "den", "ada"))
        here.do(first, commands.Say(91, "den", "hello"))
        here.do(first, commands.History(92, "den", 9))
        here.do(first, commands.Leave(93, "den"))
        here.do(first, commands.Say(94, "den", "too late"))
        await eventually(lambda: len(here.replies()) == 46, "all replies")
        await eventually(lambda: len(there.replies()) == 41, "all replies")
        assert [reply.id for reply in here.replies()[:44]] == [0, *range(40), *range(90, 93)]
        assert [reply.id for reply in there.replies()] == [0, *range(40)]
        page, *rest = here.replies()[-3:]
        # What Redis refuses is known before an earlier entry comes back.
        late, left = sorted(rest, key=lambda reply: reply.id or 0, reverse=True)
        assert (page.id, left.id, late.id) == (92, 93, 94)
        assert isinstance(page, events.Page)
        assert [event.seq for event in page.events] == [1, 2]
        assert isinstance(late, events.Refused)
        assert late.code == "not_in_room"
        repeated = [reply.seq for reply in there.replies() if isinstance(reply, events.Said)]
        assert repeated[30:] == repeated[:10]
        await eventually(lambda: len(logged(there, "lab")) == 70, "all messages")
        await eventually(lambda: len(logged(here, "lab")) == 71, "all messages")
        assert logged(here, "lab")[1:] == logged(there, "lab")
        # From a snapshot and what follows, a third node makes the same room.
        async with nodes(f"{url}/6", "c") as (third,):
            cy = third.attach()
            reply = await third.ask(cy, commands.Join(1, "lab", "cy", 0))
            assert isinstance(reply, events.Joined)
            assert (reply.members, reply.seq) == (["ada", "bob", "cy"], 73)
            (missed,) = [call[3] for call in third.diary if call[1] == "deliver"]
            assert [event.seq for event in missed] == [*range(1, 74)]
            await there.sees(Arrived("lab", "cy", 73))
            assert list(missed[2:]) == logged(there, "lab")
            loaded = await third.chat.node.backplane.load(str(reply.epoch), 83)
            assert loaded.number > 0, "a snapshot bounds what a node has to read"
            assert len(loaded.entries) < 83
            assert await third.ask(cy, commands.Rooms(2)) == events.Listing(
                2, [events.RoomSummary("den", 0, 3), events.RoomSummary("lab", 3, 73)]
            )


async def test_a_connection_that_ends_takes_what_waits_with_it(url: str) -> None:
    async with nodes(f"{url}/7", "a", "b") as (here, there):
        await there.joined("bob")
        ada = here.attach()
        here.do(ada, commands.Join(1, "lab", "ada"))
        here.do(ada, commands.Say(2, "lab", "on its way"))
        here.do(ada, commands.Join(3, "den", "ada"))
        here.chat.detach(ada, "slow_consumer")
        await there.sees(Departed("lab", "ada", 4, "slow_consumer"))
        assert here.replies() == []
        listing = await here.ask(here.attach(), commands.Rooms(4))
        assert listing == events.Listing(4, [events.RoomSummary("lab", 1, 4)])


@asynccontextmanager
async def one_backplane(url: str, lease_s: float = LEASE_S) -> AsyncIterator[Backplane]:
    backplane = Backplane(claim(url, "a", Limits(), lease_s))
    yield backplane
    await backplane.leave()
    await backplane.close()


async def test_a_batch_that_is_sent_again_is_appended_once(url: str) -> None:
    steps = [
        Append("join", "lab", 1, 1, b"join"),
        Append("say", "lab", 1, 2, b"say"),
        Append("say", "lab", 2, 3, b"not inside"),
    ]
    async with one_backplane(f"{url}/8") as backplane:
        first = await backplane.append(1, 9, steps)
        assert [number for _, number in first] == [1, 2, 0]
        assert await backplane.append(1, 9, steps) == first
        loaded = await backplane.load(first[0][0], 1)
        assert [stored.data for stored in loaded.entries] == [b"join", b"say"]


async def test_a_join_that_was_refused_does_not_end_a_later_one(url: str) -> None:
    """A report of the first may come late: Redis had no space for it."""
    joins = [Append("join", "lab", 1, token, b"join") for token in (1, 2)]
    async with one_backplane(f"{url}/12") as backplane:
        ((epoch, _), _) = await backplane.append(1, 9, joins)
        for number, members in ((1, 1), (2, 0)):
            late = Append("noop", "lab", 1, epoch, f"{number} {number}".encode())
            await backplane.append(1 + number, 9, [late])
            assert await backplane.listing(None, 9) == [("lab", members, 2 - number)]


async def test_a_node_that_is_late_finds_what_was_before_its_entry(url: str) -> None:
    says = [Append("say", "lab", 1, token, str(token).encode()) for token in range(2, 6)]
    async with one_backplane(f"{url}/13") as backplane:
        ((epoch, _), *_) = await backplane.append(1, 9, [Append("join", "lab", 1, 1, b"1"), *says])
        await backplane.save("lab", epoch, 3, b"after 3")
        await backplane.save("lab", epoch, 4, b"too soon")
        for wanted, number, snapshot in ((3, 0, b""), (4, 3, b"after 3"), (5, 3, b"after 3")):
            loaded = await backplane.load(epoch, wanted)
            assert (loaded.number, loaded.snapshot) == (number, snapshot)
            assert [int(stored.data) for stored in loaded.entries] == [*range(number + 1, 6)]


async def test_what_no_node_can_be_late_for_is_dropped(url: str) -> None:
    async with one_backplane(f"{url}/14") as backplane:
        await backplane._redis.hset("lab:meta", "lease", 100)
        ((epoch, _),) = await backplane.append(1, 9, [Append("join", "lab", 1, 1, b"")])
        number = 1
        async with asyncio.timeout(60):
            while (everything := await backplane.load(epoch, 1)).entries[0].number == 1:
                say = Append("say", "lab", 1, 2, b"")
                ((_, number),) = await backplane.append(number + 1, 9, [say])
                await backplane.save("lab", epoch, number, str(number).encode())
        first = everything.entries[0].number
        assert [stored.number for stored in everything.entries] == [*range(first, number + 1)]
        loaded = await backplane.load(epoch, first)
        assert (loaded.number, loaded.snapshot) == (first - 1, str(first - 1).encode())


async def test_a_life_that_ends_while_it_is_opened_is_followed_by_the_next(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with nodes(f"{url}/15", "a", limits=Limits(rooms=1)) as (room,):
        ada, bob = room.attach(), room.attach()
        node, go_on = room.chat.node, asyncio.Event()
        load = node.backplane.load

        async def slow(epoch: str, wanted: int) -> Loaded:
            if epoch.endswith(".1"):  # the first life of all
                await go_on.wait()
            return await load(epoch, wanted)

        monkeypatch.setattr(node.backplane, "load", slow)
        room.do(ada, commands.Join(1, "lab", "ada"))
        room.do(ada, commands.Leave(2, "lab"))
        await eventually(lambda: "lab" in node._wanted, "the room is being opened")
        first = node._wanted["lab"]
        await room.ask(bob, commands.Join(3, "den", "bob"))
        await room.ask(bob, commands.Leave(4, "den"))
        room.do(ada, commands.Join(5, "lab", "ada"))
        await eventually(lambda: node._wanted["lab"] != first, "the room has another life")
        go_on.set()
        await eventually(lambda: len(room.replies()) == 5, "all replies")
        joined, left, again = room.replies()[2:]
        assert isinstance(joined, events.Joined)
        assert left == events.Left(2, "lab")
        assert isinstance(again, events.Joined)
        assert joined.seq == again.seq == 1
        assert joined.epoch != again.epoch
        assert await room.ask(ada, commands.Say(6, "lab", "hi")) == events.Said(6, "lab", 2, NOW_MS)


async def test_a_dead_node_s_members_depart_once_and_it_knows_that_it_is_out(url: str) -> None:
    async with nodes(f"{url}/9", "a", "b", "c") as (here, there, dead):
        await here.joined("ada")
        await there.joined("bob")
        dan = await dead.joined("dan")
        await dead.ask(dan, commands.Join(1, "den", "dan"))
        # As if it were stopped: its lease ends, while it does not look.
        await dead.chat.node.backplane._redis.delete("lab:node:c")
        await asyncio.gather(*(node.chat.node._beat() for node in (here, there)))
        await here.sees(Departed("lab", "dan", 4, "lost"))
        await there.sees(Departed("lab", "dan", 4, "lost"))
        dead.do(dan, commands.Say(2, "lab", "I am here"))
        await asyncio.wait_for(dead.chat.failed.wait(), 60)
        assert str(dead.chat.failure) == LOST_LEASE
        dead.do(dan, commands.Say(3, "lab", "really"))
        assert len(dead.replies()) == 2
        back = await here.joined("dan")
        reply = await here.ask(back, commands.History(4, "lab", 9))
        assert isinstance(reply, events.Page)
        assert [(event.seq, event.name) for event in reply.events[3:]] == [(4, "dan"), (5, "dan")]
        # Its name is free again.
        async with nodes(f"{url}/9", "c"):
            pass


async def test_a_node_that_hears_nothing_of_redis_is_out(url: str) -> None:
    async with nodes(f"{url}/10", "a") as (room,):
        ada = await room.joined("ada")
        room.chat.node._lease_until = 0.0
        room.do(ada, commands.History(1, "lab", 1))
        assert str(room.chat.failure) == LOST_LEASE
        assert len(room.replies()) == 1


async def test_a_redis_that_is_full_refuses_and_departures_come_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node_module, "FULL_S", 0.05)
    needs(missing("redis-server"))
    async with redis_server(tmp_path) as own, nodes(own.url, "a", "b") as (here, there):
        ada, bob = await here.joined("ada"), await there.joined("bob")
        redis = here.chat.node.backplane._redis
        await redis.config_set("maxmemory", "1mb")
        refused = await here.ask(ada, commands.Say(1, "lab", "too much"))
        assert isinstance(refused, events.Refused)
        assert refused.code == "server_full"
        there.chat.detach(bob, "closed")
        page = await here.ask(ada, commands.History(2, "lab", 9))
        assert isinstance(page, events.Page)
        assert [event.seq for event in page.events] == [1, 2]
        await redis.config_set("maxmemory", "0")
        await here.sees(Departed("lab", "bob", 3, "closed"))
        assert await here.ask(ada, commands.Say(3, "lab", "now")) == events.Said(
            3, "lab", 4, NOW_MS
        )


async def test_a_redis_that_starts_again_within_the_lease_loses_nothing(tmp_path: Path) -> None:
    """What is sent meanwhile is answered later, and posted once."""
    needs(missing("redis-server"))
    (port,) = free_ports(1)
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(redis_server(tmp_path, port, "always"))
        here, there = await stack.enter_async_context(nodes(first.url, "a", "b"))
        ada, bob = await here.joined("ada"), await there.joined("bob")
        for number in range(5):
            here.do(ada, commands.Say(number, "lab", "on its way"))
        psutil.Process(first.program.pid).kill()
        there.do(bob, commands.Say(9, "lab", "into the void"))
        await stack.enter_async_context(redis_server(tmp_path, port, "always"))
        await eventually(lambda: len(here.replies()) == 6 and len(there.replies()) == 2, "replies")
        said = [it.seq for it in (*here.replies(), *there.replies()) if isinstance(it, events.Said)]
        assert sorted(said) == [*range(3, 9)]
        await eventually(lambda: len(logged(there, "lab")) == 6, "all messages")
        await eventually(lambda: len(logged(here, "lab")) == 7, "all messages")
        assert logged(here, "lab")[1:] == logged(there, "lab")
        assert here.chat.failure is there.chat.failure is None


async def test_a_redis_that_has_lost_what_it_had_ends_the_node(url: str) -> None:
    async with nodes(f"{url}/11", "a", "b") as (here, there):
        ada = await here.joined("ada")
        bob = await there.joined("bob")
        joined = here.replies()[0]
        assert isinstance(joined, events.Joined)
        redis = here.chat.node.backplane._redis
        await redis.hset(f"lab:room:{joined.epoch}", "n", 0)
        await redis.delete(f"lab:log:{joined.epoch}")
        here.do(ada, commands.Say(1, "lab", "hi"))
        await asyncio.wait_for(here.chat.failed.wait(), 60)
        assert "lost entries" in str(here.chat.failure)
        with pytest.raises(JournalError, match="lost entries"):
            await there.chat.node._reconnect()
        assert Member(bob) not in here.chat._outlets
