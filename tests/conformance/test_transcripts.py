"""Play random scripts on each transport: every member must see the same as in the pure room.

A script is played step by step on the model and on the transport. Before the next step, every
member has received all events of the model. So only one result is right: the same replies and the
same transcripts. A transport with another clock gives other times, which must be plausible.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple, TypeVar

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lab.chat.commands import Command, History, Join, Leave, Rooms, Say, Typing
from lab.chat.effects import Member
from lab.chat.events import (
    Event,
    IsTyping,
    Joined,
    LoggedEvent,
    Message,
    Page,
    Reply,
    RoomEvent,
    Said,
)
from lab.chat.limits import Limits
from lab.contract import Capability, Transport
from lab.service import wall_clock_ms
from tests.conformance.client import RoomClient, in_time
from tests.conformance.model import Model
from tests.conformance.served import ServedTransport, served

# Small, so that a short script runs into every one of them.
LIMITS = Limits(
    rooms_per_connection=2,
    members_per_room=3,
    rooms=2,
    text_bytes=40,
    log_events=8,
    page_events=4,
    page_rooms=1,
)


class Do(NamedTuple):
    """The member with this index sends `command`; its id is chosen later."""

    who: int
    command: Command


class Return(NamedTuple):
    """The member with this index reconnects, and resumes every room where it has been."""

    who: int


Step = Do | Return
Seen = TypeVar("Seen", bound=Event)

_rooms = st.sampled_from(["den", "attic", "☕"])
_names = st.sampled_from(["ann", "bob", "çem"])
_texts = st.sampled_from(["", "hi", "</script>", "\u2028", "\\n", "é" * 20, "é" * 21])
_keys = st.none() | st.sampled_from(["k1", "k2"])
_numbers = st.none() | st.integers(1, 20)
_afters = st.none() | st.integers(0, 20)
_joins = st.builds(Join, st.just(0), _rooms, _names, _afters, st.none() | st.just("another life"))
_listings = st.builds(Rooms, st.just(0), st.none() | _rooms, st.none() | st.integers(1, 2))
_says = st.builds(Say, st.just(0), _rooms, _texts, _keys)
_commands = st.one_of(
    _joins,
    _joins,
    _says,
    _says,
    st.builds(Leave, st.just(0), _rooms),
    st.builds(Typing, st.just(0), _rooms),
    st.builds(History, st.just(0), _rooms, st.integers(1, 9), _numbers),
    _listings,
)


@st.composite
def scripts(draw: st.DrawFn) -> tuple[int, list[Step]]:
    """The number of members, and their steps in order."""
    count = draw(st.integers(2, 4))
    who = st.integers(0, count - 1)
    does = st.builds(Do, who, _commands)
    returns = st.builds(Return, who)
    steps = draw(st.lists(st.one_of(*[does] * 6, returns), min_size=10, max_size=40))
    return count, steps


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(scripts())
async def test_every_member_sees_the_same_as_in_the_pure_room(
    transport: Transport, script: tuple[int, list[Step]]
) -> None:
    count, steps = script
    clock = [0]
    async with served(transport, limits=LIMITS, clock=lambda: clock[0]) as s:
        play = Play(s, Model(LIMITS))
        for _ in range(count):
            await play.enter()
        for clock[0], step in enumerate(steps, 1):
            if isinstance(step, Do):
                await play.do(step.who, step.command, clock[0])
            else:
                await play.return_of(step.who, clock[0])
            await play.compare()
        await play.compare_all()


class Part(NamedTuple):
    """One member on the transport and in the model, and its last `Joined` of each room."""

    client: RoomClient
    member: Member
    rooms: dict[str, Joined]


class Play:
    """A running script, on a transport and on the model."""

    def __init__(self, served: ServedTransport, model: Model) -> None:
        self._served = served
        self._model = model
        self._our_clock = Capability.SHARED_ROOM in served.transport.capabilities
        self._begun_ms = wall_clock_ms()
        self._parts: list[Part] = []
        self._former: list[Part] = []
        self._epochs: dict[str, str] = {}
        """Each epoch of the model, and what the transport calls it."""

    async def enter(self) -> None:
        """Connect one more member."""
        self._parts.append(Part(await self._served.connect(), self._model.connect(), {}))

    async def do(self, who: int, command: Command, now_ms: int) -> None:
        """Send one command on both sides. The replies must be equal."""
        client, member, rooms = self._parts[who]
        connection = client.connection
        command = msgspec.structs.replace(command, id=connection.next_id())
        reply = self._model.apply(member, command, now_ms)
        if reply is None:
            await connection.send(command)
            await client.listing()  # the answer to this says that the command before is done
        else:
            answer = await in_time(connection.request(self._sent(command)))
            if isinstance(reply, Joined):
                rooms[reply.room] = reply
                reply = self._in_their_words(reply, answer)
            assert self._comparable(answer) == self._comparable(reply)

    def _sent(self, command: Command) -> Command:
        """The command for the transport, with the transport's own epoch."""
        if not isinstance(command, Join) or command.epoch is None:
            return command
        epoch = self._epochs.get(command.epoch, command.epoch)
        return msgspec.structs.replace(command, epoch=epoch)

    def _in_their_words(self, joined: Joined, answer: Reply) -> Joined:
        """The model's reply with the transport's epoch, which must stay the same."""
        assert isinstance(answer, Joined), answer
        assert answer.epoch is not None and joined.epoch is not None
        theirs = self._epochs.setdefault(joined.epoch, answer.epoch)
        assert len(set(self._epochs.values())) == len(self._epochs)
        return msgspec.structs.replace(joined, epoch=theirs)

    async def return_of(self, who: int, now_ms: int) -> None:
        """Close, reconnect, and resume each room."""
        old = self._parts[who]
        await old.client.close()
        self._model.gone(old.member, "closed")
        self._former.append(old)
        await self.compare()
        await self._served.holds(
            len(self._parts) - 1
        )  # perhaps no other member is there to see the departure
        new = Part(await self._served.connect(), self._model.connect(), {})
        self._parts[who] = new
        for room, joined in old.rooms.items():
            last = max((event.seq for event in old.client.logged if event.room == room), default=0)
            join = Join(0, room, joined.name, after=last, epoch=joined.epoch)
            await self.do(who, join, now_ms)

    async def compare(self) -> None:
        """Wait until every member has received the model's events."""
        for client, member, _ in self._parts:
            await client.has_logged(len(_logged(self._model.seen[member])))

    async def compare_all(self) -> None:
        """Check after a last command that no event is missing and none is extra."""
        for client, _, _ in self._parts:
            await client.listing()
        for client, member, _ in self._parts + self._former:
            seen = _logged(self._model.seen[member])
            assert list(map(self._comparable, client.logged)) == list(map(self._comparable, seen))
            assert _typing(client.events) <= _typing(self._model.seen[member])
            if not self._our_clock:
                self._check_times(client)

    def _comparable(self, event: Seen) -> Seen:
        return event if self._our_clock else _timeless(event)

    def _check_times(self, client: RoomClient) -> None:
        """Check that times never decrease, and lie within the script's run."""
        heard = [event for event in client.logged if isinstance(event, Message)]
        for room in {message.room for message in heard}:
            said_at = [message.at for message in heard if message.room == room]
            times = [self._begun_ms, *said_at, wall_clock_ms()]
            assert all(earlier <= later for earlier, later in pairwise(times))


def _timeless(event: Seen) -> Seen:
    """The event without its times."""
    match event:
        case Said() | Message():
            return msgspec.structs.replace(event, at=0)
        case Page(events=page):
            return msgspec.structs.replace(event, events=[_timeless(each) for each in page])
    return event


def _logged(events: list[RoomEvent]) -> list[LoggedEvent]:
    return [event for event in events if isinstance(event, LoggedEvent)]


def _typing(events: list[RoomEvent]) -> set[IsTyping]:
    return {event for event in events if isinstance(event, IsTyping)}
