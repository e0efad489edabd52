"""Random scripts, played on each wire: every member must see what it sees in the pure room.

A script is played step by step on the model and on the wire. Before the next step everybody has
seen all that the model says, so there is one right answer: the same replies, the same transcripts.
A wire that goes by another clock than the test's gives other times, which have to make sense.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple, TypeVar

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lab.chat.commands import Command, History, Join, Leave, Rooms, Say, Typing
from lab.chat.effects import Member
from lab.chat.events import Event, IsTyping, Joined, LoggedEvent, Message, Page, RoomEvent, Said
from lab.chat.limits import Limits
from lab.contract import Capability, Transport
from lab.service import wall_clock_ms
from tests.conformance.guest import Guest, in_time
from tests.conformance.model import Model
from tests.conformance.stage import Stage, stage

# Small, so that a short script runs into every one of them.
LIMITS = Limits(
    rooms_per_connection=2, members_per_room=3, rooms=2, text_bytes=40, log_events=8, page_events=4
)


class Do(NamedTuple):
    """The `who`-th member gives `command`, whose id is still to be chosen."""

    who: int
    command: Command


class Return(NamedTuple):
    """The `who`-th member hangs up, connects anew, and resumes every room where it has been."""

    who: int


Step = Do | Return
Seen = TypeVar("Seen", bound=Event)

_rooms = st.sampled_from(["den", "attic", "☕"])
_names = st.sampled_from(["ann", "bob", "çem"])
_texts = st.sampled_from(["", "hi", "</script>", "\u2028", "\\n", "é" * 20, "é" * 21])
_keys = st.none() | st.sampled_from(["k1", "k2"])
_numbers = st.none() | st.integers(1, 20)
_joins = st.builds(Join, st.just(0), _rooms, _names, st.none() | st.integers(0, 20))
_says = st.builds(Say, st.just(0), _rooms, _texts, _keys)
_commands = st.one_of(
    _joins,
    _joins,
    _says,
    _says,
    st.builds(Leave, st.just(0), _rooms),
    st.builds(Typing, st.just(0), _rooms),
    st.builds(History, st.just(0), _rooms, st.integers(1, 9), _numbers),
    st.just(Rooms(0)),
)


@st.composite
def scripts(draw: st.DrawFn) -> tuple[int, list[Step]]:
    """How many members there are, and what they do, one after the other."""
    count = draw(st.integers(2, 4))
    who = st.integers(0, count - 1)
    does = st.builds(Do, who, _commands)
    returns = st.builds(Return, who)
    steps = draw(st.lists(st.one_of(*[does] * 6, returns), min_size=10, max_size=40))
    return count, steps


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(scripts())
async def test_every_member_sees_what_it_sees_in_the_pure_room(
    wire: Transport, script: tuple[int, list[Step]]
) -> None:
    count, steps = script
    clock = [0]
    async with stage(wire, limits=LIMITS, clock=lambda: clock[0]) as s:
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
    """One member's two selves, and the rooms that it has ever entered, under which names."""

    guest: Guest
    member: Member
    rooms: dict[str, str]


class Play:
    """A script under way, on a wire and on the model."""

    def __init__(self, stage: Stage, model: Model) -> None:
        self._stage = stage
        self._model = model
        self._our_clock = Capability.SHARED_ROOM in stage.wire.capabilities
        self._begun_ms = wall_clock_ms()
        self._parts: list[Part] = []
        self._former: list[Part] = []

    async def enter(self) -> None:
        """One more connects."""
        self._parts.append(Part(await self._stage.connect(), self._model.connect(), {}))

    async def do(self, who: int, command: Command, now_ms: int) -> None:
        """Give one command on both sides; the replies must be equal."""
        guest, member, rooms = self._parts[who]
        connection = guest.connection
        command = msgspec.structs.replace(command, id=connection.next_id())
        reply = self._model.apply(member, command, now_ms)
        if reply is None:
            await connection.send(command)
            await guest.listing()  # the answer to this says that the command before is done
        else:
            answer = await in_time(connection.request(command))
            assert self._comparable(answer) == self._comparable(reply)
        if isinstance(reply, Joined):
            rooms[reply.room] = reply.name

    async def return_of(self, who: int, now_ms: int) -> None:
        """Hang up, come back, and ask each room for what was missed."""
        old = self._parts[who]
        await old.guest.close()
        self._model.gone(old.member, "closed")
        self._former.append(old)
        await self.compare()
        await self._stage.holds(len(self._parts) - 1)  # where nobody else is there to see it go
        new = Part(await self._stage.connect(), self._model.connect(), {})
        self._parts[who] = new
        for room, name in old.rooms.items():
            last = max((event.seq for event in old.guest.logged if event.room == room), default=0)
            await self.do(who, Join(0, room, name, after=last), now_ms)

    async def compare(self) -> None:
        """Wait until everybody has seen what the model says."""
        for guest, member, _ in self._parts:
            await guest.has_logged(len(_logged(self._model.seen[member])))

    async def compare_all(self) -> None:
        """After a last question everything has come: nothing missing, nothing more."""
        for guest, _, _ in self._parts:
            await guest.listing()
        for guest, member, _ in self._parts + self._former:
            seen = _logged(self._model.seen[member])
            assert list(map(self._comparable, guest.logged)) == list(map(self._comparable, seen))
            assert _typing(guest.events) <= _typing(self._model.seen[member])
            if not self._our_clock:
                self._check_times(guest)

    def _comparable(self, event: Seen) -> Seen:
        return event if self._our_clock else _timeless(event)

    def _check_times(self, guest: Guest) -> None:
        """What is said later is not said earlier, and all of it during the play."""
        heard = [event for event in guest.logged if isinstance(event, Message)]
        for room in {message.room for message in heard}:
            said_at = [message.at for message in heard if message.room == room]
            times = [self._begun_ms, *said_at, wall_clock_ms()]
            assert all(earlier <= later for earlier, later in pairwise(times))


def _timeless(event: Seen) -> Seen:
    """The event with its times taken off."""
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
