"""A room that a journal keeps means the same on every transport, and goes on after a restart."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.chat.events import Arrived, Departed, IsTyping, Left, Message
from lab.contract import Capability, Settings, Transport
from lab.journal.sqlite import SqliteJournal, Sync
from lab.service.journaled import JournaledChat
from tests.conformance.served import served

pytestmark = pytest.mark.needs(Capability.SHARED_ROOM)


@pytest.mark.parametrize(("settings", "sync"), [("equal", "normal"), ("stock", "full")])
async def test_a_durable_room_goes_on_after_a_restart(
    transport: Transport, tmp_path: Path, settings: Settings, sync: Sync
) -> None:
    path = tmp_path / "rooms.db"
    async with served(transport, settings=settings, chat=_opened(path, sync)) as s:
        ann, bob = await s.connect_all(2)
        joined = await ann.joined("den", "ann")
        await bob.joined("den", "bob")
        await bob.connection.typing("den")
        said = await bob.said("den", "hello", "k")
        hello = Message("den", 3, "bob", "hello", said.at)
        await ann.sees(Arrived("den", "bob", 2), IsTyping("den", "bob"), hello)
        await ann.refused("already_in_room", ann.connection.join("den", "ann"))
        again = await bob.said("den", "other", "k")
        assert (again.seq, again.at) == (said.seq, said.at)
        assert await ann.page("den", 9) == [
            Arrived("den", "ann", 1),
            Arrived("den", "bob", 2),
            hello,
        ]
        assert isinstance(await bob.left("den"), Left)
        await bob.joined("den", "bob", after=0)
        await bob.has_logged(6)
        assert [event.seq for event in bob.logged] == [3, 1, 2, 3, 4, 5]
        await bob.close()
        await ann.has_logged(5)
        await s.shut()
        await _closed(s.chat)

    async with served(transport, settings=settings, chat=_opened(path, sync)) as s:
        (bob,) = await s.connect_all(1)
        back = await bob.joined("den", "bob", after=4, epoch=joined.epoch)
        assert (back.epoch, back.truncated, back.members) == (joined.epoch, False, ["bob"])
        await bob.has_logged(back.seq - 4)
        assert [event.seq for event in bob.logged] == [*range(5, back.seq + 1)]
        departed = [event.name for event in bob.logged if isinstance(event, Departed)]
        assert departed == ["bob", "ann"]
        again = await bob.said("den", "hello", "k")
        assert (again.seq, again.at) == (said.seq, said.at)
        await bob.close()
        await s.empty()
        await _closed(s.chat)


def _opened(path: Path, sync: Sync) -> JournaledChat:
    return JournaledChat(SqliteJournal(path, sync))


async def _closed(chat: object) -> None:
    assert isinstance(chat, JournaledChat)
    await chat.close()
