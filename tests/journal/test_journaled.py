"""The service with a journal: kept first, then carried out, in the order of the commands."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from lab.chat import commands, events
from lab.chat.commands import Command
from lab.chat.effects import Member
from lab.chat.events import Arrived, Departed, Message
from lab.chat.limits import Limits
from lab.journal.contract import Journal, JournalError
from lab.journal.memory import MemoryJournal
from lab.journal.replica import Snapshot
from lab.service import journaled
from lab.service.journaled import JournaledChat
from tests.conformance.client import eventually
from tests.test_service import NOW_MS, Outlet


class Waiting(MemoryJournal):
    """A journal that counts its commits, waits in a thread, or fails."""

    def __init__(self, waits: bool = False) -> None:
        super().__init__()
        self.waits = waits
        self.commits: list[int] = []
        self.failing = False

    def commit(self, entries: Sequence[bytes], snapshot: Snapshot | None = None) -> None:
        if self.failing:
            raise JournalError("the disk is gone")
        super().commit(entries, snapshot)
        if entries:
            self.commits.append(len(entries))


class Room:
    """A service with a journal, one outlet, and one list of all that it is called."""

    def __init__(self, journal: Journal, limits: Limits | None = None) -> None:
        self.diary: list[tuple[Any, ...]] = []
        self.chat = JournaledChat(journal, limits, clock=lambda: NOW_MS)
        self.outlet = Outlet("it", self.diary)

    def do(self, member: Member, command: Command) -> None:
        self.chat.receive(member, command, lambda reply: self.diary.append(("reply", reply)))

    def joined(self, name: str, after: int | None = None) -> Member:
        member = self.chat.attach(self.outlet)
        self.do(member, commands.Join(0, "lab", name, after))
        return member

    def replies(self) -> list[events.Reply]:
        return [call[1] for call in self.diary if call[0] == "reply"]

    async def answered(self, count: int) -> None:
        await eventually(lambda: len(self.replies()) >= count, f"{count} replies")


@pytest.mark.parametrize("waits", [False, True], ids=["at once", "in a thread"])
async def test_what_one_turn_brings_is_one_commit_and_is_answered_after_it(waits: bool) -> None:
    journal = Waiting(waits)
    room = Room(journal)
    ada = room.joined("ada")
    for number in range(5):
        room.do(ada, commands.Say(number, "lab", "hi"))
    room.do(ada, commands.History(9, "lab", 1))
    assert room.diary == []
    assert journal.commits == []
    await room.answered(7)
    assert journal.commits == [6]
    assert [reply.id for reply in room.replies()] == [0, 0, 1, 2, 3, 4, 9]
    assert [event.seq for event in room.outlet.events() if isinstance(event, Message)] == [
        *range(2, 7)
    ]
    room.do(ada, commands.Rooms(10))
    assert room.replies()[-1].id == 10, "what waits for nothing is answered at once"
    await room.chat.close()


async def test_a_restart_knows_every_message_its_seq_its_key_and_the_epoch() -> None:
    journal = Waiting()
    room = Room(journal)
    ada = room.joined("ada")
    room.do(ada, commands.Say(1, "lab", "hi", "k"))
    await room.answered(2)
    joined, said = room.replies()
    assert isinstance(joined, events.Joined)
    assert isinstance(said, events.Said)
    # It is not closed: its process is killed.
    again = Room(journal)
    ada_again = again.chat.attach(again.outlet)
    assert ada_again > ada
    again.do(ada_again, commands.Join(2, "lab", "ada", 1, joined.epoch))
    again.do(ada_again, commands.Say(3, "lab", "hi", "k"))
    await again.answered(2)
    back, once_more = again.replies()
    assert back == events.Joined(2, "lab", "ada", ["ada"], 4, False, joined.epoch)
    assert once_more == events.Said(3, "lab", said.seq, said.at)
    (missed,) = [call[3] for call in again.diary if call[1] == "deliver"]
    assert missed == (
        Message("lab", 2, "ada", "hi", NOW_MS),
        Departed("lab", "ada", 3, "lost"),
        Arrived("lab", "ada", 4),
    )


async def test_a_connection_that_ends_is_not_called_again_and_departs_once_kept() -> None:
    journal = Waiting()
    room = Room(journal)
    ada, bob = room.joined("ada"), room.joined("bob")
    await room.answered(2)
    room.diary.clear()
    room.do(bob, commands.Say(1, "lab", "last words"))
    room.chat.detach(bob, "closed")
    room.chat.detach(bob, "lost")
    assert room.diary == [("it", "exit", bob, "lab")]
    cy = room.chat.attach(room.outlet)
    room.do(cy, commands.Join(1, "lab", "cy"))
    room.chat.detach(cy, "lost")
    await eventually(lambda: len(room.outlet.events()) >= 4, "the events of all")
    assert room.replies() == []
    assert room.outlet.events() == [
        Message("lab", 3, "bob", "last words", NOW_MS),
        Departed("lab", "bob", 4, "closed"),
        Arrived("lab", "cy", 5),
        Departed("lab", "cy", 6, "lost"),
    ]
    commits = list(journal.commits)
    room.chat.detach(room.chat.attach(room.outlet), "closed")
    await room.chat.close()
    assert journal.commits == commits, "who was in no room needs no entry"
    assert ada != bob


async def test_a_full_journal_refuses_and_keeps_departures_for_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(journaled, "RETRY_S", 0.01)
    journal = Waiting()
    room = Room(journal)
    ada, bob = room.joined("ada"), room.joined("bob")
    await room.answered(2)
    journal.full = True
    room.do(ada, commands.Say(1, "lab", "too much"))
    room.do(ada, commands.History(2, "lab", 9))
    room.chat.detach(bob, "lost")
    await room.answered(4)
    refused, page = room.replies()[2:]
    assert isinstance(refused, events.Refused)
    assert (refused.id, refused.code) == (1, "server_full")
    assert isinstance(page, events.Page)
    assert [event.seq for event in page.events] == [1, 2]
    journal.full = False
    await eventually(
        lambda: Departed("lab", "bob", 3, "lost") in room.outlet.events(), "bob departed"
    )
    room.do(ada, commands.Say(3, "lab", "now"))
    await room.answered(5)
    assert room.replies()[-1] == events.Said(3, "lab", 4, NOW_MS)
    await room.chat.close()


@pytest.mark.parametrize("waits", [False, True], ids=["at once", "in a thread"])
async def test_a_journal_that_fails_answers_nothing_more(waits: bool) -> None:
    journal = Waiting(waits)
    room = Room(journal)
    ada = room.joined("ada")
    await room.answered(1)
    journal.failing = True
    room.do(ada, commands.Say(1, "lab", "hi"))
    await asyncio.wait_for(room.chat.failed.wait(), 60)
    room.do(ada, commands.Rooms(2))
    assert len(room.replies()) == 1
    assert str(room.chat.failure) == "the disk is gone"
    await room.chat.close()


async def test_the_pace_and_what_waits_are_checked_before_the_journal() -> None:
    journal = Waiting()
    limits = Limits(commands_per_s=1, command_burst=2, queue_bytes=1000)
    room = Room(journal, limits)
    ada = room.joined("ada")
    room.do(ada, commands.Say(1, "lab", "x" * 2000))
    room.do(ada, commands.Say(2, "lab", "hi"))
    room.do(ada, commands.Typing(3, "lab"))
    room.chat.refuse(
        ada,
        events.Refused(4, "bad_command", "what"),
        lambda reply: room.diary.append(("reply", reply)),
    )
    await room.answered(4)
    refused = [reply for reply in room.replies() if isinstance(reply, events.Refused)]
    assert [(reply.id, reply.code) for reply in refused] == [
        (1, "too_fast"),
        (2, "too_fast"),
        (4, "too_fast"),
    ]
    assert journal.commits == [1]
    assert room.chat.limits is limits
    await room.chat.close()


async def test_an_outlet_that_fails_keeps_no_other_command_from_its_reply() -> None:
    reported: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context))
    room = Room(Waiting())
    ada = room.joined("ada")
    await room.answered(1)

    def fail(event: events.RoomEvent) -> None:
        raise OSError("transport broken")

    room.outlet.on_broadcast = fail
    room.do(ada, commands.Say(1, "lab", "hi"))
    room.do(ada, commands.Say(2, "lab", "hi"))
    await room.answered(3)
    assert [str(context["exception"]) for context in reported] == ["transport broken"] * 2
    await room.chat.close()
