"""`Rooms` against the naive model: whatever people do, both say the same to everybody.

Random people come, talk, and go under small limits, so that every refusal is met and logs
overflow; after each command everything that can be observed is compared.
"""

from __future__ import annotations

import copy
import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from lab.chat import commands, events
from lab.chat.commands import Command
from lab.chat.effects import Member, Reply
from lab.chat.events import Event, Joined, LoggedEvent, Refused, Why
from lab.chat.limits import Limits
from lab.chat.rooms import TRANSITIONS, Presence, Rooms
from tests.chat.model import BAD_NAMES, GOOD_NAMES, Model
from tests.chat.shell import Shell

SMALL = Limits(
    name_chars=3,
    room_chars=3,
    text_bytes=8,
    rooms_per_connection=2,
    members_per_room=2,
    rooms=3,
    commands_per_s=4,
    command_burst=5,
    page_events=3,
    page_rooms=2,
    log_events=6,
    log_bytes=1700,
)
LIFE = "life"
HOUR_MS = 3_600_000
STRANGER = Member(10**6)

names = st.sampled_from(GOOD_NAMES * 9 + BAD_NAMES)
keys = st.sampled_from(["k1", "k2"])
texts = st.sampled_from(["", "hello", "\x00\x00", "ééééé", "too long a text"])
seqs = st.integers(0, 15) | st.just(2**53 - 1)

InRoom = commands.Join | commands.Leave | commands.Say | commands.Typing | commands.History
epochs = st.none() | st.integers(1, 5).map(lambda number: f"{LIFE}.{number}") | st.just("else.1")
joins = st.builds(commands.Join, st.just(0), names, names, st.none() | seqs, epochs)
listings = st.builds(commands.Rooms, st.just(0), st.none() | names, st.none() | st.integers(1, 3))
anything_in_a_room: st.SearchStrategy[InRoom] = st.one_of(
    joins,
    st.builds(commands.Leave, st.just(0), names),
    st.builds(commands.Say, st.just(0), names, texts, st.none() | keys),
    st.builds(commands.Typing, st.just(0), names),
    st.builds(
        commands.History, st.just(0), names, st.integers(1, 5), st.none() | st.integers(1, 15)
    ),
)
anything: st.SearchStrategy[Command] = anything_in_a_room | listings
people = Bundle[Member]("people")
met: Counter[str] = Counter()
"""What the random runs came across, so that a test can say that it was everything."""


def observe(rooms: Rooms, inside: dict[str, list[Member]], now_ms: int) -> dict[str, Any]:
    """Everything that the public API shows: the listing, and each room's history and members.

    Asked of a copy, an hour apart, so that asking changes nothing and no pace stands in the way.
    """
    copied = copy.deepcopy(rooms)
    hours_ms = itertools.count(now_ms + HOUR_MS, HOUR_MS)

    def ask(member: Member, command: Command) -> Event:
        effects = copied.apply(member, command, next(hours_ms))
        return next(effect.event for effect in effects if isinstance(effect, Reply))

    seen: dict[str, Any] = {"": list(look_through(ask))}
    for room, members in inside.items():
        if members:
            seen[room] = list(look_around(ask, room, members[0]))
    return seen


def look_through(ask: Callable[[Member, Command], Event]) -> Iterator[events.RoomSummary]:
    """Every room, a page after the other."""
    after: str | None = None
    while True:
        listing = ask(STRANGER, commands.Rooms(0, after))
        assert isinstance(listing, events.Listing)
        yield from listing.rooms
        if not listing.more:
            break
        after = listing.rooms[-1].room


def look_around(
    ask: Callable[[Member, Command], Event], room: str, insider: Member
) -> Iterator[Event]:
    """Pages back through the room as an insider, who then makes place for a stranger."""
    before: int | None = None
    while True:
        page = ask(insider, commands.History(0, room, 100, before))
        assert isinstance(page, events.Page)
        yield page
        if not page.events:
            break
        before = page.events[0].seq
    # Only a `joined` says who is there, and only a `departed` what the insider's name was.
    yield ask(insider, commands.Leave(0, room))
    yield ask(STRANGER, commands.Join(0, room, "zzz"))
    yield ask(STRANGER, commands.History(0, room, 2))


class RoomsAgainstModel(RuleBasedStateMachine):
    """One run of random people."""

    def __init__(self) -> None:
        super().__init__()
        self.shell = Shell(Rooms(SMALL, life=LIFE))
        self.model = Model(SMALL, LIFE)
        self.numbers = itertools.count(1)
        self.now_ms = 0
        self.gone: dict[Member, int] = {}

    @initialize(target=people)
    def the_first_come(self) -> MultipleResults[Member]:
        return multiple(*(Member(next(self.numbers)) for _ in range(4)))

    @rule(target=people)
    def connect(self) -> Member:
        return Member(next(self.numbers))

    @rule(member=people, join=joins)
    def come(self, member: Member, join: commands.Join) -> None:
        self.command(member, join)

    @rule(member=people, command=anything)
    def command_anything(self, member: Member, command: Command) -> None:
        self.command(member, command)

    @precondition(lambda self: any(self.shell.inside.values()))
    @rule(data=st.data(), command=anything_in_a_room)
    def command_inside(self, data: st.DataObject, command: InRoom) -> None:
        room, member = data.draw(st.sampled_from(self.everybody_inside()))
        self.command(member, msgspec.structs.replace(command, room=room))

    @rule(member=consumes(people), why=st.sampled_from(["closed", "lost", "slow_consumer"]))
    def connection_ends(self, member: Member, why: Why) -> None:
        self.gone[member] = len(self.shell.tape[member])
        self.shell.gone(member, why)
        self.model.gone(member, why)

    @rule(member=people, command_id=st.none() | st.just(7))
    def send_no_command(self, member: Member, command_id: int | None) -> None:
        refusal = Refused(command_id, "bad_command", "not JSON")
        code = self.shell.refuse(member, refusal, self.now_ms).code
        assert code == self.model.refuse(member, refusal.code, self.now_ms)
        met[f"no command {code}"] += 1

    @rule(elapsed_ms=st.sampled_from([1, 334, 2000, 5000]))
    def wait(self, elapsed_ms: int) -> None:
        self.now_ms += elapsed_ms

    @precondition(lambda self: any(self.shell.inside.values()))
    @rule(data=st.data(), key=keys, times=st.integers(2, 4))
    def say_again(self, data: st.DataObject, key: str, times: int) -> None:
        """A client that never hears back and tries the same `key` again and again."""
        room, member = data.draw(st.sampled_from(self.everybody_inside()))
        seqs = set()
        for _ in range(times):
            self.now_ms += 400
            said = self.command(member, commands.Say(0, room, "x", key))
            assert isinstance(said, events.Said)
            seqs.add(said.seq)
        assert len(seqs) == 1

    def everybody_inside(self) -> list[tuple[str, Member]]:
        return [(room, member) for room, inside in self.shell.inside.items() for member in inside]

    def command(self, member: Member, command: Command) -> Event | None:
        command = msgspec.structs.replace(command, id=next(self.numbers))
        stood = self.presence(member, command)
        before = observe(self.shell.rooms, self.shell.inside, self.now_ms)
        reply = self.shell.do(member, command, self.now_ms)
        after = observe(self.shell.rooms, self.shell.inside, self.now_ms)
        expected = self.model.do(member, command, self.now_ms)
        if isinstance(reply, Refused):
            met[f"refused {reply.code}"] += 1
            assert reply.code == expected
            assert after == before
            assert self.presence(member, command) == stood
        else:
            assert reply == expected
            self.check_row(stood, member, command, reply)
        assert after[""] == self.model.listing()
        met["made way"] += len(self.model.begun) > SMALL.rooms
        return reply

    def check_row(
        self, stood: Presence, member: Member, command: Command, reply: Event | None
    ) -> None:
        row = TRANSITIONS[stood, type(command)]
        met[f"{stood} {commands.name_of(command)}"] += 1
        met["truncated"] += isinstance(reply, Joined) and reply.truncated
        met["more"] += isinstance(reply, events.Listing) and reply.more
        if isinstance(reply, Joined) and isinstance(command, commands.Join):
            another = command.after is not None and command.epoch not in (None, reply.epoch)
            met["another life"] += another
            assert reply.truncated or not another
        assert row.reply == (events.name_of(reply) if reply else "")
        # A `typing` that comes too fast is as silent as one that is carried out.
        assert self.presence(member, command) == row.to

    def presence(self, member: Member, command: Command) -> Presence:
        inside = self.shell.inside.get(getattr(command, "room", ""), [])
        return Presence.INSIDE if member in inside else Presence.OUTSIDE

    @invariant()
    def everybody_sees_what_the_model_says(self) -> None:
        assert {m: seen for m, seen in self.shell.seen.items() if seen} == {
            m: seen for m, seen in self.model.seen.items() if seen
        }

    @invariant()
    def every_stay_is_in_order_without_gaps(self) -> None:
        for tape in self.shell.tape.values():
            assert_in_order(tape)

    @invariant()
    def whoever_is_gone_gets_nothing(self) -> None:
        assert self.gone == {member: len(self.shell.tape[member]) for member in self.gone}


def assert_in_order(tape: list[Event]) -> None:
    """From `joined` on a room's events are its next ones; a replay ends in one's own arrival."""
    newest: dict[str, int] = {}
    for at, event in enumerate(tape):
        if isinstance(event, Joined):
            newest[event.room] = event.seq - replayed(event, tape[at + 1 :])
        elif isinstance(event, LoggedEvent):
            newest[event.room] += 1
            assert event.seq == newest[event.room]


def replayed(joined: Joined, later: list[Event]) -> int:
    """How many events of the room up to one's own arrival come right after `joined`."""

    def is_replay(event: Event) -> bool:
        return (
            isinstance(event, LoggedEvent) and event.room == joined.room and event.seq <= joined.seq
        )

    return sum(1 for _ in itertools.takewhile(is_replay, later))


TestRoomsAgainstModel = RoomsAgainstModel.TestCase
TestRoomsAgainstModel.settings = settings(
    max_examples=150, stateful_step_count=60, derandomize=True
)


def test_the_random_runs_met_everything() -> None:
    if not met:
        RoomsAgainstModel.TestCase("runTest").run()
    refusals = {"bad_name", "name_taken", "not_in_room", "already_in_room", "text_too_long"}
    refusals |= {"too_many_rooms", "room_full", "too_fast", "server_full"}
    carried_out = {
        f"{presence} {kind.__struct_config__.tag}"
        for (presence, kind), row in TRANSITIONS.items()
        if not row.reply.startswith("refused")
    }
    expected = {f"refused {code}" for code in refusals} | carried_out | {"truncated", "made way"}
    expected |= {"more", "another life", "no command bad_command", "no command too_fast"}
    assert expected <= set(met), f"never met: {sorted(expected - set(met))}"
