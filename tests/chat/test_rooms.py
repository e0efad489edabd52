"""Every row of the room's tables, and every refusal, one by one."""

from __future__ import annotations

import itertools
from typing import Any, get_args

import pytest

from lab.chat import commands, effects, events
from lab.chat.commands import Command
from lab.chat.effects import Broadcast, Deliver, Enter, Exit, Member, Reply
from lab.chat.events import Arrived, Departed, Message, Refused
from lab.chat.limits import Limits
from lab.chat.log import MemoryLog
from lab.chat.rooms import TRANSITIONS, Presence, Rooms, state_diagram
from tests.chat.shell import Shell

ADA, BOB, CY = Member(1), Member(2), Member(3)
NOW_MS = 1_700_000_000_000


def in_a_room(*members: tuple[Member, str], limits: Limits | None = None) -> Shell:
    shell = Shell(Rooms(limits))
    for member, name in members:
        shell.do(member, commands.Join(0, "lab", name))
    return shell


def refusal(reply: events.Reply | None) -> str:
    assert isinstance(reply, Refused)
    assert reply.reason
    return reply.code


class TestJoin:
    def test_the_newcomer_enters_last_and_the_others_see_it_arrive(self) -> None:
        rooms = Rooms()
        rooms.apply(ADA, commands.Join(1, "lab", "ada"), NOW_MS)
        assert rooms.apply(BOB, commands.Join(7, "lab", "bob"), NOW_MS) == [
            Broadcast("lab", Arrived("lab", "bob", 2)),
            Reply(events.Joined(7, "lab", "bob", ["ada", "bob"], 2, truncated=False)),
            Enter("lab"),
        ]

    def test_after_replays_what_was_missed_between_the_reply_and_anything_newer(self) -> None:
        rooms = Rooms()
        rooms.apply(ADA, commands.Join(1, "lab", "ada"), NOW_MS)
        rooms.apply(ADA, commands.Say(2, "lab", "hi"), NOW_MS)
        joined = events.Joined(3, "lab", "bob", ["ada", "bob"], 3, truncated=False)
        missed = (Message("lab", 2, "ada", "hi", NOW_MS), Arrived("lab", "bob", 3))
        assert rooms.apply(BOB, commands.Join(3, "lab", "bob", after=1), NOW_MS)[1:] == [
            Reply(joined),
            Deliver(missed),
            Enter("lab"),
        ]

    def test_after_everything_but_ones_own_arrival_replays_that_alone(self) -> None:
        shell = in_a_room((ADA, "ada"))
        reply = shell.do(BOB, commands.Join(1, "lab", "bob", after=1))
        assert isinstance(reply, events.Joined)
        assert not reply.truncated
        assert shell.seen[BOB] == [Arrived("lab", "bob", 2)]

    @pytest.mark.parametrize("after", [2, 3, 2**53 - 1, 2**63, 10**30])
    def test_after_more_than_the_room_ever_held_is_truncated_and_replays_nothing(
        self, after: int
    ) -> None:
        shell = in_a_room((ADA, "ada"))
        reply = shell.do(BOB, commands.Join(1, "lab", "bob", after))
        assert isinstance(reply, events.Joined)
        assert reply.truncated
        assert shell.seen[BOB] == []
        shell.do(ADA, commands.Say(2, "lab", "hi"))
        assert [event.seq for event in shell.seen[BOB] if isinstance(event, Message)] == [3]

    @pytest.mark.parametrize(("after", "truncated"), [(0, True), (2, True), (3, False)])
    def test_truncated_says_whether_the_log_reaches_back(self, after: int, truncated: bool) -> None:
        shell = in_a_room((ADA, "ada"), limits=Limits(log_events=3))
        for number in range(4):
            shell.do(ADA, commands.Say(number, "lab", "x"))
        reply = shell.do(BOB, commands.Join(1, "lab", "bob", after))
        assert isinstance(reply, events.Joined)
        assert reply.truncated is truncated
        assert [
            event.seq for event in shell.seen[BOB] if not isinstance(event, events.IsTyping)
        ] == [4, 5, 6]

    def test_seq_goes_on_when_a_room_empties_and_fills_again(self) -> None:
        shell = in_a_room((ADA, "ada"))
        shell.gone(ADA)
        reply = shell.do(BOB, commands.Join(1, "lab", "bob", after=1))
        assert isinstance(reply, events.Joined)
        assert reply.seq == 3
        assert shell.seen[BOB] == [Departed("lab", "ada", 2, "closed"), Arrived("lab", "bob", 3)]

    def test_a_log_that_outlives_the_rooms_carries_seq_on(self) -> None:
        log = MemoryLog(Limits())
        Rooms(log=log).apply(ADA, commands.Join(1, "lab", "ada"), NOW_MS)
        reply = Shell(Rooms(log=log)).do(BOB, commands.Join(1, "lab", "bob"))
        assert isinstance(reply, events.Joined)
        assert reply.seq == 2

    @pytest.mark.parametrize(
        ("room", "name"),
        [
            ("", "ada"),
            ("lab", ""),
            ("r" * 65, "ada"),
            ("lab", "n" * 33),
            (" lab", "ada"),
            ("lab", "ada "),
            ("lab", "a\nda"),
            ("l\x00b", "ada"),
            ("lab", "\u202eada"),
            ("lab", "\ud800"),
        ],
    )
    def test_bad_name(self, room: str, name: str) -> None:
        assert refusal(Shell(Rooms()).do(ADA, commands.Join(1, room, name))) == "bad_name"

    @pytest.mark.parametrize(("room", "name"), [("r" * 64, "n" * 32), ("a b", "é 😀"), ("0", ".")])
    def test_good_names(self, room: str, name: str) -> None:
        reply = Shell(Rooms()).do(ADA, commands.Join(1, room, name))
        assert isinstance(reply, events.Joined)
        assert (reply.room, reply.name) == (room, name)

    def test_name_taken_until_its_owner_is_gone(self) -> None:
        shell = in_a_room((ADA, "ada"))
        assert refusal(shell.do(BOB, commands.Join(1, "lab", "ada"))) == "name_taken"
        shell.gone(ADA)
        assert isinstance(shell.do(BOB, commands.Join(2, "lab", "ada")), events.Joined)

    def test_the_same_name_in_another_room_is_free(self) -> None:
        shell = in_a_room((ADA, "ada"))
        assert isinstance(shell.do(BOB, commands.Join(1, "pub", "ada")), events.Joined)

    def test_already_in_room(self) -> None:
        shell = in_a_room((ADA, "ada"))
        assert refusal(shell.do(ADA, commands.Join(1, "lab", "eve"))) == "already_in_room"

    def test_too_many_rooms_until_one_is_left(self) -> None:
        shell = in_a_room((ADA, "ada"), limits=Limits(rooms_per_connection=1))
        assert refusal(shell.do(ADA, commands.Join(1, "pub", "ada"))) == "too_many_rooms"
        shell.do(ADA, commands.Leave(2, "lab"))
        assert isinstance(shell.do(ADA, commands.Join(3, "pub", "ada")), events.Joined)

    def test_room_full_until_somebody_is_gone(self) -> None:
        shell = in_a_room((ADA, "ada"), limits=Limits(members_per_room=1))
        assert refusal(shell.do(BOB, commands.Join(1, "lab", "bob"))) == "room_full"
        shell.gone(ADA)
        assert isinstance(shell.do(BOB, commands.Join(2, "lab", "bob")), events.Joined)

    def test_server_full_while_every_room_has_somebody_in_it(self) -> None:
        shell = in_a_room((ADA, "ada"), limits=Limits(rooms=1))
        assert refusal(shell.do(BOB, commands.Join(1, "pub", "bob"))) == "server_full"
        assert isinstance(shell.do(BOB, commands.Join(2, "lab", "bob")), events.Joined)

    def test_an_empty_room_makes_way_and_begins_anew(self) -> None:
        shell = in_a_room((ADA, "ada"), limits=Limits(rooms=1))
        shell.gone(ADA)
        shell.do(BOB, commands.Join(1, "pub", "bob"))
        listing = shell.do(BOB, commands.Rooms(2))
        assert listing == events.Listing(2, [events.RoomSummary("pub", 1, 1)])
        shell.gone(BOB)
        joined = shell.do(CY, commands.Join(3, "lab", "cy", after=0))
        assert joined == events.Joined(3, "lab", "cy", ["cy"], 1, truncated=False)


class TestLeave:
    def test_whoever_leaves_is_out_before_the_others_see_it(self) -> None:
        shell = in_a_room((ADA, "ada"), (BOB, "bob"))
        assert shell.rooms.apply(ADA, commands.Leave(5, "lab"), NOW_MS) == [
            Exit("lab"),
            Reply(events.Left(5, "lab")),
            Broadcast("lab", Departed("lab", "ada", 3, "left")),
        ]

    def test_not_in_room(self) -> None:
        shell = in_a_room((ADA, "ada"))
        assert refusal(shell.do(BOB, commands.Leave(1, "lab"))) == "not_in_room"
        assert refusal(shell.do(BOB, commands.Leave(2, "nowhere"))) == "not_in_room"


class TestSay:
    def test_everyone_sees_it_the_sender_too(self) -> None:
        shell = in_a_room((ADA, "ada"), (BOB, "bob"))
        reply = shell.do(ADA, commands.Say(9, "lab", "hi"), NOW_MS)
        assert reply == events.Said(9, "lab", 3, NOW_MS)
        assert shell.seen[ADA][-1] == shell.seen[BOB][-1] == Message("lab", 3, "ada", "hi", NOW_MS)

    def test_a_key_posts_once_and_gets_the_same_said(self) -> None:
        shell = in_a_room((ADA, "ada"))
        shell.do(ADA, commands.Say(1, "lab", "hi", "k"), NOW_MS)
        shell.gone(ADA)
        shell.do(BOB, commands.Join(2, "lab", "ada"))
        again = shell.do(BOB, commands.Say(3, "lab", "hi", "k"), NOW_MS + 5)
        assert again == events.Said(3, "lab", 2, NOW_MS)
        assert shell.seen[BOB] == []

    @pytest.mark.parametrize(("member", "room"), [(ADA, "pub"), (BOB, "lab")])
    def test_a_key_belongs_to_one_room_and_one_name(self, member: Member, room: str) -> None:
        shell = in_a_room((ADA, "ada"), (BOB, "bob"))
        shell.do(ADA, commands.Join(1, "pub", "ada"))
        shell.do(ADA, commands.Say(2, "lab", "hi", "k"))
        shell.do(member, commands.Say(3, room, "other", "k"))
        newest = shell.seen[member][-1]
        assert isinstance(newest, Message)
        assert (newest.room, newest.text) == (room, "other")

    def test_a_key_is_forgotten_with_its_message(self) -> None:
        shell = in_a_room((ADA, "ada"), limits=Limits(log_events=2))
        shell.do(ADA, commands.Say(1, "lab", "first", "k"))
        shell.do(ADA, commands.Say(2, "lab", "still in the log"))
        assert shell.do(ADA, commands.Say(3, "lab", "first", "k")) == events.Said(3, "lab", 2, 0)
        shell.do(ADA, commands.Say(4, "lab", "now it is out"))
        assert shell.do(ADA, commands.Say(5, "lab", "first", "k")) == events.Said(5, "lab", 5, 0)

    @pytest.mark.parametrize("text", ["x" * 9, "é" * 5, "😀😀x"])
    def test_text_too_long_in_bytes_of_utf_8(self, text: str) -> None:
        shell = in_a_room((ADA, "ada"), limits=Limits(text_bytes=8))
        assert refusal(shell.do(ADA, commands.Say(1, "lab", text))) == "text_too_long"

    @pytest.mark.parametrize("text", ["", "x" * 8, "é" * 4, "😀😀", "\x00\n"])
    def test_any_text_that_fits_is_said_as_it_is(self, text: str) -> None:
        shell = in_a_room((ADA, "ada"), limits=Limits(text_bytes=8))
        shell.do(ADA, commands.Say(1, "lab", text))
        assert shell.seen[ADA] == [Message("lab", 2, "ada", text, 0)]

    def test_what_utf_8_cannot_carry_is_refused_and_takes_no_seq(self) -> None:
        shell = in_a_room((ADA, "ada"))
        assert refusal(shell.do(ADA, commands.Say(1, "lab", "\ud800"))) == "bad_command"
        assert shell.do(ADA, commands.Say(2, "lab", "x")) == events.Said(2, "lab", 2, 0)

    def test_not_in_room(self) -> None:
        shell = in_a_room((ADA, "ada"))
        assert refusal(shell.do(BOB, commands.Say(1, "lab", "hi"))) == "not_in_room"
        assert shell.seen[ADA] == []


class TestTyping:
    def test_the_others_see_it_and_nobody_answers(self) -> None:
        shell = in_a_room((ADA, "ada"), (BOB, "bob"))
        assert shell.do(ADA, commands.Typing(1, "lab")) is None
        assert shell.seen[BOB] == [events.IsTyping("lab", "ada")]
        assert events.IsTyping("lab", "ada") not in shell.seen[ADA]

    def test_it_is_neither_ordered_nor_logged(self) -> None:
        shell = in_a_room((ADA, "ada"))
        shell.do(ADA, commands.Typing(1, "lab"))
        assert shell.do(ADA, commands.Say(2, "lab", "x")) == events.Said(2, "lab", 2, 0)

    def test_it_is_not_even_refused(self) -> None:
        rooms = Rooms(Limits(commands_per_s=1, command_burst=1))
        assert rooms.apply(ADA, commands.Typing(1, "lab"), 0) == []
        assert rooms.apply(ADA, commands.Typing(2, "lab"), 0) == []


class TestHistory:
    @pytest.mark.parametrize(
        ("limit", "before", "seqs"),
        [
            (2, None, [4, 5]),
            (2, 4, [2, 3]),
            (9, 3, [1, 2]),
            (9, 1, []),
            (9, None, [2, 3, 4, 5]),
            (9, 10**30, [2, 3, 4, 5]),
        ],
    )
    def test_pages_back_from_before(self, limit: int, before: int | None, seqs: list[int]) -> None:
        shell = in_a_room((ADA, "ada"), limits=Limits(page_events=4))
        for number in range(4):
            shell.do(ADA, commands.Say(number, "lab", "x"))
        page = shell.do(ADA, commands.History(7, "lab", limit, before))
        assert isinstance(page, events.Page)
        assert (page.id, page.room) == (7, "lab")
        assert [event.seq for event in page.events] == seqs

    def test_only_as_far_back_as_the_log_reaches(self) -> None:
        shell = in_a_room((ADA, "ada"), limits=Limits(log_events=2))
        for number in range(3):
            shell.do(ADA, commands.Say(number, "lab", "x"))
        assert shell.do(ADA, commands.History(1, "lab", 9, before=3)) == events.Page(1, "lab", [])

    def test_not_in_room(self) -> None:
        shell = in_a_room((ADA, "ada"))
        assert refusal(shell.do(BOB, commands.History(1, "lab", 9))) == "not_in_room"


class TestListing:
    def test_rooms_by_name_with_members_and_newest_seq(self) -> None:
        shell = in_a_room((ADA, "ada"), (BOB, "bob"))
        shell.do(CY, commands.Join(1, "attic", "cy"))
        shell.gone(CY)
        assert shell.do(CY, commands.Rooms(2)) == events.Listing(
            2, [events.RoomSummary("attic", 0, 2), events.RoomSummary("lab", 2, 2)]
        )

    def test_of_no_rooms(self) -> None:
        assert Shell(Rooms()).do(ADA, commands.Rooms(1)) == events.Listing(1, [])


class TestPace:
    def test_too_fast_for_one_connection_alone(self) -> None:
        shell = Shell(Rooms(Limits(commands_per_s=10, command_burst=2)))
        replies = [shell.do(ADA, commands.Rooms(number), 0) for number in range(3)]
        assert [isinstance(reply, Refused) for reply in replies] == [False, False, True]
        assert refusal(replies[2]) == "too_fast"
        assert isinstance(shell.do(BOB, commands.Rooms(3), 0), events.Listing)
        assert refusal(shell.do(ADA, commands.Rooms(4), 99)) == "too_fast"
        assert isinstance(shell.do(ADA, commands.Rooms(5), 100), events.Listing)


class TestGone:
    @pytest.mark.parametrize("why", get_args(events.Why))
    def test_departs_from_every_room(self, why: events.Why) -> None:
        shell = in_a_room((ADA, "ada"), (BOB, "bob"))
        shell.do(ADA, commands.Join(1, "pub", "ada"))
        assert shell.rooms.gone(ADA, why) == [
            Exit("lab"),
            Broadcast("lab", Departed("lab", "ada", 3, why)),
            Exit("pub"),
            Broadcast("pub", Departed("pub", "ada", 2, why)),
        ]

    def test_of_somebody_in_no_room_shows_nothing(self) -> None:
        shell = in_a_room((ADA, "ada"))
        shell.do(ADA, commands.Leave(1, "lab"))
        assert shell.rooms.gone(ADA, "closed") == []
        assert shell.rooms.gone(BOB, "closed") == []

    def test_gets_nothing_any_more(self) -> None:
        shell = in_a_room((ADA, "ada"), (BOB, "bob"))
        before = list(shell.tape[ADA])
        shell.gone(ADA, "lost")
        shell.do(BOB, commands.Say(1, "lab", "anybody?"))
        shell.do(BOB, commands.Typing(2, "lab"))
        assert shell.tape[ADA] == before


class TestTable:
    def test_says_something_for_every_presence_and_command(self) -> None:
        everything = set(itertools.product(Presence, get_args(Command)))
        # `rooms` names no room, so nobody stands inside the room that it names.
        assert set(TRANSITIONS) == everything - {(Presence.INSIDE, commands.Rooms)}

    @pytest.mark.parametrize(("presence", "kind"), TRANSITIONS)
    def test_each_row_does_what_it_declares(self, presence: Presence, kind: type[Command]) -> None:
        row = TRANSITIONS[presence, kind]
        shell = in_a_room((BOB, "bob"), *([(ADA, "ada")] if presence == "inside" else []))
        shell.seen[BOB].clear()
        fields: dict[str, Any] = {"room": "lab", "name": "ada", "text": "x", "limit": 1}
        command = kind(1, **{f: v for f, v in fields.items() if f in required(kind)})
        reply = shell.do(ADA, command)
        assert described(reply) == row.reply
        assert [events.name_of(event) for event in shell.seen[BOB]] == ([row.seen] * bool(row.seen))
        assert (ADA in shell.inside["lab"]) == (row.to == Presence.INSIDE)

    def test_every_reply_and_room_event_stands_in_it(self) -> None:
        replies = {row.reply.split(" ")[0] for row in TRANSITIONS.values()} - {""}
        assert replies == {str(kind.__struct_config__.tag) for kind in events.REPLIES}
        shown = {row.seen for row in TRANSITIONS.values()} - {""}
        assert shown == {str(kind.__struct_config__.tag) for kind in get_args(events.RoomEvent)}

    def test_the_diagram_has_a_line_for_each_row(self) -> None:
        lines = state_diagram().splitlines()
        assert lines[0] == "stateDiagram-v2"
        assert "    outside --> inside: join / joined + arrived" in lines
        assert "    outside --> outside: typing / nothing" in lines
        ends = [line for line in lines if "[*]" in line]
        assert len(lines) == 1 + len(TRANSITIONS) + len(ends)
        assert len(ends) == 3


def required(kind: type[Command]) -> tuple[str, ...]:
    return tuple(name for name in kind.__struct_fields__ if name not in ("id", "after", "key"))


def described(reply: events.Reply | None) -> str:
    if isinstance(reply, Refused):
        return f"refused {reply.code}"
    return events.name_of(reply) if reply else ""


def test_every_effect_is_one_that_the_shell_knows() -> None:
    assert set(get_args(effects.Effect)) == {Reply, Deliver, Broadcast, Enter, Exit}
