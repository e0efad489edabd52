"""The checker of a history: right histories break no rule, and each wrong one breaks its own."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.chat.commands import Join, Leave, Say
from lab.chat.effects import Broadcast, Deliver, Effect, Enter, Exit, Member, Reply
from lab.chat.events import Joined, LoggedEvent, Message, Said
from lab.chat.limits import UNPACED
from lab.chat.rooms import Rooms
from lab.faults.history import READER, Rule, Step, check, judged, sessions, shown, shrink, told
from lab.faults.picture import draw

ROOM = "r"


class Play:
    """Real rooms, whose members write a history. Nothing is on the way: all arrives at once."""

    def __init__(self) -> None:
        self.rooms = Rooms(UNPACED)
        self.steps: list[Step] = []
        self.inside: dict[Member, str] = {}
        self.sessions: dict[str, Member] = {}
        self.last: dict[str, int] = {}

    def note(self, member: Member, who: str, **step: Any) -> None:
        self.steps.append(Step(at_ms=len(self.steps), who=who, session=member, **step))

    def join(self, who: str, *, resume: bool) -> None:
        """On a new connection."""
        if who in self.sessions:
            return
        member = self.sessions[who] = Member(sum(step.what == "join" for step in self.steps) + 1)
        after = self.last.get(who, 0) if resume else None
        self.note(member, who, what="join", after=after)
        self.route(member, who, self.rooms.apply(member, Join(1, ROOM, who, after), 0))

    def say(self, who: str, number: int) -> None:
        if (member := self.sessions.get(who)) is not None:
            text, key = f"{who}-{number}", f"k{number}"
            self.note(member, who, what="say", text=text, key=key)
            said = Say(2, ROOM, text, key)
            self.route(member, who, self.rooms.apply(member, said, 0), text=text, key=key)

    def leave(self, who: str) -> None:
        if (member := self.sessions.pop(who, None)) is not None:
            self.route(member, who, self.rooms.apply(member, Leave(3, ROOM), 0))

    def cut(self, who: str) -> None:
        if (member := self.sessions.pop(who, None)) is not None:
            self.inside.pop(member)
            self.note(member, who, what="ended")
            self.route(member, who, self.rooms.gone(member, "lost"))

    def read(self) -> None:
        for who in list(self.sessions):
            self.cut(who)
        self.join(READER, resume=True)

    def route(self, member: Member, who: str, effects: list[Effect], **said: str) -> None:
        for effect in effects:
            match effect:
                case Reply(Joined() as joined):
                    members = tuple(joined.members)
                    epoch = joined.epoch or ""
                    self.note(
                        member, who, what="joined", seq=joined.seq, epoch=epoch, members=members
                    )
                case Reply(Said() as reply):
                    self.note(member, who, what="said", seq=reply.seq, **said)
                case Reply():
                    self.note(member, who, what="left")
                case Enter():
                    self.inside[member] = who
                case Exit():
                    self.inside.pop(member, None)
                case Deliver(missed):
                    for event in missed:
                        self.event(member, who, event)
                case Broadcast(event=event):
                    for each, name in self.inside.items():
                        self.event(each, name, event)

    def event(self, member: Member, who: str, event: LoggedEvent) -> None:
        self.last[who] = event.seq
        text = event.text if isinstance(event, Message) else ""
        kind = type(event).__name__.lower()
        self.note(member, who, what="event", seq=event.seq, event=kind, name=event.name, text=text)


NAMES = st.sampled_from(["ada", "bob", "eve"])
ACTIONS = st.one_of(
    st.tuples(st.just("join"), NAMES, st.booleans()),
    st.tuples(st.just("say"), NAMES, st.integers(0, 3)),
    st.tuples(st.just("leave"), NAMES, st.none()),
    st.tuples(st.just("cut"), NAMES, st.none()),
)


def played(actions: list[tuple[str, str, Any]]) -> list[Step]:
    play = Play()
    for action, who, more in actions:
        if action == "join":
            play.join(who, resume=more)
        elif action == "say":
            play.say(who, more)
        else:
            getattr(play, action)(who)
    play.read()
    return play.steps


@settings(max_examples=60, deadline=None)
@given(st.lists(ACTIONS, max_size=30), st.data())
def test_real_rooms_break_no_rule_nor_does_a_part_of_their_history(
    actions: list[tuple[str, str, Any]], data: st.DataObject
) -> None:
    history = played(actions)
    assert check(history, durable=True) == []
    left_out = data.draw(st.sets(st.sampled_from(sorted(sessions(history)))))
    until = data.draw(st.integers(0, len(history)))
    part = [step for step in history if step.session not in left_out][:until]
    assert [each for each in check(part) if each.rule != "acknowledged and lost"] == []
    if READER not in {step.who for step in part}:
        assert check(part) == []


SCENE: list[tuple[str, str, Any]] = [
    ("join", "ada", True),
    ("join", "bob", True),
    ("say", "ada", 1),
    ("say", "bob", 1),
    ("say", "ada", 1),
    ("leave", "bob", None),
    ("say", "ada", 2),
]


def at(history: list[Step], who: str, what: str, seq: int) -> int:
    """The place of a step."""
    return next(n for n, s in enumerate(history) if (s.who, s.what, s.seq) == (who, what, seq))


def edited(history: list[Step], who: str, what: str, place_seq: int, **to: Any) -> list[Step]:
    place = at(history, who, what, place_seq)
    return [
        msgspec.structs.replace(step, **to) if n == place else step
        for n, step in enumerate(history)
    ]


def without(history: list[Step], who: str, what: str, seq: int) -> list[Step]:
    place = at(history, who, what, seq)
    return history[:place] + history[place + 1 :]


def doubled(history: list[Step], who: str, seq: int) -> list[Step]:
    place = at(history, who, "event", seq)
    return history[: place + 1] + history[place:]


def wrong_histories() -> dict[str, tuple[list[Step], Rule]]:
    right = played(SCENE)
    left = at(right, "bob", "left", 0)
    stray = msgspec.structs.replace(right[at(right, "bob", "event", 4)], seq=5)
    key = edited(right, "ada", "said", 3, seq=4)
    last = at(right, READER, "joined", 8)
    truncated = edited(right, READER, "joined", 8, truncated=True)
    refused = Step(at_ms=99, who="bob", session=2, what="refused", event="not_in_room")
    said = at(right, "bob", "said", 4)
    return {
        "a gap": (without(right, "bob", "event", 3), "a gap"),
        "a replay that lacks its first": (without(right, READER, "event", 1), "a gap"),
        "a repeat": (doubled(right, "bob", 3), "a repeat"),
        "another text": (
            edited(right, "bob", "event", 3, text="?"),
            "two events under one seq",
        ),
        "after leaving": ([*right[: left + 1], stray, *right[left + 1 :]], "delivered outside"),
        "another seq for a key": (key, "a key forgotten"),
        "acknowledged, and another in its place": (
            edited(right, READER, "event", 6, text="?"),
            "acknowledged and lost",
        ),
        "acknowledged, and nothing": (right[: last + 1], "acknowledged and lost"),
        "posted twice": (
            edited(right, READER, "event", 6, text="ada-1"),
            "posted twice",
        ),
        "refused and posted": (
            [*right, Step(at_ms=99, who="ada", session=1, what="refused", event="x", text="ada-2")],
            "refused and posted",
        ),
        "told of its own departure": (
            edited(right, "ada", "event", 6, event="departed", name="ada"),
            "delivered outside",
        ),
        "inside and refused": (
            [*right[: said + 1], refused, *right[said + 1 :]],
            "a member refused",
        ),
        "a node that ends for another reason": (
            [*right, Step(at_ms=99, who="faults", session=0, what="fault", event="failed")],
            "a node failed",
        ),
        "departed twice": (
            edited(right, READER, "event", 7, event="departed", name="bob"),
            "a departure lost",
        ),
        "still a member": (
            edited(truncated, READER, "joined", 8, members=("ada", READER)),
            "a departure lost",
        ),
        "another life": (edited(right, READER, "joined", 8, epoch="2"), "began again"),
    }


@pytest.mark.parametrize("name", wrong_histories())
def test_what_is_wrong_is_found_and_made_small(name: str) -> None:
    history, rule = wrong_histories()[name]
    found = check(history, durable=True)
    assert rule in {each.rule for each in found}
    smallest, violation = shrink(history, rule, durable=True)
    assert violation.rule == rule
    assert len(smallest) <= len(history)
    text = told(smallest, violation)
    assert text.count("\n>") == len([step for step in smallest if step in violation.steps])
    picture = draw(smallest, violation)
    assert picture.count("<circle") == len(smallest)
    assert rule in picture


def test_over_a_restart_of_rooms_in_memory_nothing_is_promised() -> None:
    history, _ = wrong_histories()["another life"]
    assert check(history) == []
    with pytest.raises(ValueError, match="does not break the rule: began again"):
        shrink(history, "began again")


def test_what_a_bounded_log_has_dropped_is_judged_by_what_others_saw() -> None:
    right = played(SCENE)
    kept = [s for s in right if s.who != READER or s.what != "event" or s.seq > 4]
    bounded = edited(kept, READER, "joined", 8, truncated=True)
    assert (judged(right), judged(bounded), check(bounded)) == (3, 3, [])
    posted = edited(bounded, "ada", "said", 3, seq=2)
    assert {each.rule for each in check(posted)} >= {"acknowledged and lost"}
    unseen = [s for s in bounded if s.what != "event" or s.seq != 4]
    assert (judged(unseen), judged([])) == (1, 0)


def test_steps_in_words() -> None:
    fault = Step(at_ms=1, who="faults", session=0, what="fault", text="cut")
    assert shown(fault) == "fault cut"
    assert sessions([fault]) == {}
    refused = Step(at_ms=1, who="ada", session=1, what="refused", event="server_full", text="a")
    assert shown(refused) == "refused as server_full: 'a'"
    join = Step(at_ms=1, who="ada", session=1, what="join", after=3)
    assert shown(join) == "join after 3"
    assert shown(msgspec.structs.replace(join, node=2)) == "join after 3 at node 2"
    out = msgspec.structs.replace(fault, event="out", text="node 2")
    assert shown(out) == "fault out node 2"
    joined = Step(at_ms=1, who="ada", session=1, what="joined", seq=4, epoch="e", truncated=True)
    assert shown(joined) == "joined at 4, life e, truncated"
