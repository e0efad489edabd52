"""Every row of the room's tables, and every refusal, one by one."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from typing import Any, get_args

import msgspec
import pytest

from lab.chat import commands, effects, events
from lab.chat.commands import Command
from lab.chat.effects import Broadcast, Deliver, Enter, Exit, Member, Reply
from lab.chat.events import Arrived, Departed, Message, Refused
from lab.chat.limits import Limits
from lab.chat.log import MemoryLog
from lab.chat.rooms import TRANSITIONS, Presence, Rooms, state_diagram
from tests.chat.shell import Shell

ADA, BOB, CY, DAN = Member(1), Member(2), Member(3), Member(4)
NOW_MS = 1_700_000_000_000
HOUR_MS = 3_600_000


def in_a_room(*members: tuple[Member, str], limits: Limits | None = None) -> Shell:
    shell = Shell(Rooms(limits))
    for member, name in members:
        shell.do(member, commands.Join(0, "lab", name))
    return shell


class Watched(str):
    """A name that counts how often it is compared."""

    compared = 0

    def __lt__(self, other: str) -> bool:
        Watched.compared += 1
        return super().__lt__(other)

    def __gt__(self, other: str) -> bool:
        Watched.compared += 1
        return super().__gt__(other)


def seqs(seen: Iterable[events.RoomEvent]) -> list[int]:
    return [event.seq for event in seen if isinstance(event, events.LoggedEvent)]


def listed(shell: Shell, after: str | None = None, limit: int | None = None) -> list[str]:
    listing = shell.do(CY, commands.Rooms(0, after, limit))
    assert isinstance(listing, events.Listing)
    return [room.room for room in listing.rooms]


def ask_rooms(shell: Shell, entries: int) -> Command:
    for number in range(entries):
        shell.do(Member(100 + number), commands.Join(0, f"{number}", "x"))
    return commands.Rooms(1)


def ask_history(shell: Shell, entries: int) -> Command:
    shell.do(CY, commands.Join(0, "lab", "cy"))
    say(shell, CY, entries - 1)
    return commands.History(1, "lab", 100)


def ask_members(shell: Shell, entries: int) -> Command:
    for number in range(entries - 1):
        shell.do(Member(100 + number), commands.Join(0, "lab", f"{number}"))
    return commands.Join(1, "lab", "cy")


def ask_replay(shell: Shell, entries: int) -> Command:
    shell.do(ADA, commands.Join(0, "lab", "ada"))
    say(shell, ADA, entries - 4)  # of the others two are arrivals, and two the members
    return commands.Join(1, "lab", "cy", after=0)


def say(shell: Shell, member: Member, count: int) -> None:
    for _ in range(count):
        shell.do(member, commands.Say(0, "lab", "x"))


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
            Reply(events.Joined(7, "lab", "bob", ["ada", "bob"], 2, False, "1.1")),
            Enter("lab"),
        ]

    def test_after_replays_what_was_missed_between_the_reply_and_anything_newer(self) -> None:
        rooms = Rooms()
        rooms.apply(ADA, commands.Join(1, "lab", "ada"), NOW_MS)
        rooms.apply(ADA, commands.Say(2, "lab", "hi"), NOW_MS)
        joined = events.Joined(3, "lab", "bob", ["ada", "bob"], 3, False, "1.1")
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

    @pytest.mark.parametrize("after", [0, 1, 2, 99])
    def test_another_epoch_is_truncated_and_replays_all_of_this_life(self, after: int) -> None:
        shell = in_a_room((ADA, "ada"))
        shell.do(ADA, commands.Say(2, "lab", "hi"))
        reply = shell.do(BOB, commands.Join(1, "lab", "bob", after, epoch="2.1"))
        assert isinstance(reply, events.Joined)
        assert (reply.truncated, reply.epoch) == (True, "1.1")
        assert seqs(shell.seen[BOB]) == [1, 2, 3]

    def test_the_rooms_own_epoch_replays_what_comes_after(self) -> None:
        shell = in_a_room((ADA, "ada"))
        reply = shell.do(BOB, commands.Join(1, "lab", "bob", 1, epoch="1.1"))
        assert isinstance(reply, events.Joined)
        assert not reply.truncated
        assert seqs(shell.seen[BOB]) == [2]

    def test_an_epoch_without_after_is_passed_over(self) -> None:
        shell = in_a_room((ADA, "ada"))
        reply = shell.do(BOB, commands.Join(1, "lab", "bob", epoch="2.1"))
        assert isinstance(reply, events.Joined)
        assert not reply.truncated
        assert shell.seen[BOB] == []

    def test_each_life_of_each_room_has_an_epoch_of_its_own(self) -> None:
        shell = Shell(Rooms(Limits(rooms=1), life="x"))
        epochs = []
        for number, room in enumerate(["lab", "pub", "lab", "lab"]):
            reply = shell.do(ADA, commands.Join(number, room, "ada"))
            assert isinstance(reply, events.Joined)
            epochs.append(reply.epoch)
            shell.gone(ADA)
        assert epochs == ["x.1", "x.2", "x.3", "x.3"]

    def test_a_later_life_that_has_passed_after_is_known_by_its_epoch(self) -> None:
        shell = in_a_room((ADA, "ada"), limits=Limits(rooms=1))
        shell.gone(ADA)
        shell.do(BOB, commands.Join(1, "pub", "bob"))
        shell.gone(BOB)
        shell.do(CY, commands.Join(2, "lab", "cy"))
        shell.do(CY, commands.Say(3, "lab", "another life"))
        reply = shell.do(DAN, commands.Join(4, "lab", "dan", after=1, epoch="1.1"))
        assert isinstance(reply, events.Joined)
        assert reply.truncated
        assert seqs(shell.seen[DAN]) == [1, 2, 3]

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
            ("\u2800", "ada"),
            ("lab", "\ufe0f"),
        ],
    )
    def test_bad_name(self, room: str, name: str) -> None:
        assert refusal(Shell(Rooms()).do(ADA, commands.Join(1, room, name))) == "bad_name"

    @pytest.mark.parametrize(("room", "name"), [("r" * 64, "n" * 32), ("a b", "é ❤️"), ("0", ".")])
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
        assert joined == events.Joined(3, "lab", "cy", ["cy"], 1, False, "1.3")

    def test_the_room_that_is_empty_longest_makes_way(self) -> None:
        shell = in_a_room((ADA, "ada"), limits=Limits(rooms=2))
        shell.do(BOB, commands.Join(1, "attic", "bob"))
        shell.gone(BOB)
        shell.do(CY, commands.Join(2, "attic", "cy"))
        shell.gone(ADA)
        shell.gone(CY)
        shell.do(DAN, commands.Join(3, "pub", "dan"))
        assert listed(shell) == ["attic", "pub"]


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

    @pytest.mark.parametrize(
        ("after", "limit", "rooms", "more"),
        [
            (None, None, ["0", "B"], True),
            ("B", None, ["a", "é"], True),
            ("b", 1, ["é"], True),
            ("é", 9, ["\uffee", "😀"], False),
            ("\uffee", 2**53 - 1, ["😀"], False),
            ("😀", None, [], False),
        ],
    )
    def test_a_page_has_the_rooms_after_one_in_the_order_of_code_points(
        self, after: str | None, limit: int | None, rooms: list[str], more: bool
    ) -> None:
        shell = Shell(Rooms(Limits(page_rooms=2)))
        for number, room in enumerate(["😀", "a", "\uffee", "é", "B", "0"]):
            shell.do(Member(number), commands.Join(number, room, "x"))
        listing = shell.do(CY, commands.Rooms(1, after, limit))
        assert isinstance(listing, events.Listing)
        assert [room.room for room in listing.rooms] == rooms
        assert listing.more is more

    def test_a_page_touches_no_other_rooms(self) -> None:
        rooms = Rooms()
        for number in range(4096):
            rooms.apply(Member(number), commands.Join(0, f"{number:04}", "x"), 0)
        Watched.compared = 0
        rooms.apply(CY, commands.Rooms(0, Watched("2000"), 5), 0)
        assert 0 < Watched.compared <= 13  # the binary logarithm of 4096, and one

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

    def test_what_is_no_command_takes_a_token(self) -> None:
        shell = Shell(Rooms(Limits(commands_per_s=10, command_burst=2)))
        unread = Refused(None, "bad_command", "not JSON")
        assert shell.refuse(ADA, unread) == unread
        assert isinstance(shell.do(ADA, commands.Rooms(1)), events.Listing)
        assert refusal(shell.do(ADA, commands.Rooms(2))) == "too_fast"
        assert shell.refuse(ADA, Refused(7, "unknown_command", "no")).code == "too_fast"
        assert shell.refuse(BOB, unread) == unread

    @pytest.mark.parametrize(("entries", "tokens"), [(9, 1), (10, 2), (39, 4)])
    @pytest.mark.parametrize("ask", [ask_rooms, ask_history, ask_members, ask_replay])
    def test_an_answer_costs_a_token_more_for_each_ten_entries(
        self, ask: Callable[[Shell, int], Command], entries: int, tokens: int
    ) -> None:
        shell = Shell(Rooms(Limits(commands_per_s=1, command_burst=100)))
        command = ask(shell, entries)
        assert not isinstance(shell.do(CY, command, HOUR_MS), Refused)
        no_command = Refused(None, "bad_command", "not JSON")
        left = [shell.refuse(CY, no_command, HOUR_MS).code for _ in range(100)].count("bad_command")
        assert 100 - left == tokens

    def test_an_answer_may_cost_more_than_there_is_and_is_worked_off(self) -> None:
        shell = Shell(Rooms(Limits(commands_per_s=10, command_burst=1)))
        for number in range(25):
            shell.do(Member(100 + number), commands.Join(0, f"{number}", "x"))
        assert isinstance(shell.do(CY, commands.Rooms(1), 0), events.Listing)
        assert refusal(shell.do(CY, commands.Rooms(2), 299)) == "too_fast"
        assert isinstance(shell.do(CY, commands.Rooms(3), 300), events.Listing)


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
        fields: dict[str, Any] = {"id": 1, "room": "lab", "name": "ada", "text": "x", "limit": 1}
        command = kind(**{f: v for f, v in fields.items() if f in required(kind)})
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
    return tuple(field.name for field in msgspec.structs.fields(kind) if field.required)


def described(reply: events.Reply | None) -> str:
    if isinstance(reply, Refused):
        return f"refused {reply.code}"
    return events.name_of(reply) if reply else ""


def test_every_effect_is_one_that_the_shell_knows() -> None:
    assert set(get_args(effects.Effect)) == {Reply, Deliver, Broadcast, Enter, Exit}
