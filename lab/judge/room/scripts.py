"""What the room is: commands, order, keys, resume (docs/room.md)."""

from __future__ import annotations

import asyncio
from typing import Any

from lab.judge.room.talk import Script, Talk, on_each

PAGE = 100
"""The most events in one page, and rooms in one listing, by default."""


async def a_join(talk: Talk) -> None:
    """The reply names the room, the member, all members and the `seq`; the others see it."""
    ann, bob, room = await talk.member(), await talk.member(), talk.room()
    first = await ann.join(room, "ann")
    first.must_be("joined", room=room, name="ann", members=["ann"], seq=1, truncated=False)
    if not isinstance(first.fields.get("epoch"), str):
        raise first.wrong("epoch: a text", "epoch")
    second = await bob.join(room, "bob")
    second.must_be("joined", members=["ann", "bob"], seq=2, epoch=first.fields["epoch"])
    await ann.sees("arrived", room=room, name="bob", seq=2)
    await ann.sees_no_more()
    await bob.sees_no_more()


async def a_leave(talk: Talk) -> None:
    """The others see the departure; the one who left sees nothing more."""
    ann, bob, room = await talk.member(), await talk.member(), talk.room()
    await ann.join(room, "ann")
    await bob.join(room, "bob")
    (await bob.ask("leave", room=room)).must_be("left", room=room)
    await ann.sees("arrived", name="bob", seq=2)
    await ann.sees("departed", room=room, name="bob", seq=3, why="left")
    await ann.say(room, "gone?")
    await bob.sees_no_more()


async def a_say(talk: Talk) -> None:
    """All members see the message, the sender too, with the reply's `seq` and `at`."""
    ann, bob, room = await talk.member(), await talk.member(), talk.room()
    await ann.join(room, "ann")
    await bob.join(room, "bob")
    said = (await ann.say(room, "hello")).must_be("said", seq=3)
    if not isinstance(said.fields.get("at"), int):
        raise said.wrong("at: milliseconds", "at")
    message = {"room": room, "seq": 3, "name": "ann", "text": "hello", "at": said.fields["at"]}
    await ann.sees("arrived", name="bob")
    await ann.sees("message", **message)
    await bob.sees("message", **message)
    await ann.sees_no_more()
    await bob.sees_no_more()


async def one_reply_each(talk: Talk) -> None:
    """Every command gets exactly one reply."""
    ann, room = await talk.member(), talk.room()
    await ann.join(room, "ann")
    await ann.say(room, "hello")
    (await ann.ask("history", room=room, limit=1)).must_be("page")
    (await ann.ask("leave", room=room)).must_be("left")
    await ann.ask("rooms", limit=1)
    for reply in ann.replies.values():
        raise reply.wrong("one reply to each command", "type")


async def typing(talk: Talk) -> None:
    """Only the others see it; it has no reply and no `seq`."""
    ann, bob, room = await talk.member(), await talk.member(), talk.room()
    await ann.join(room, "ann")
    await bob.join(room, "bob")
    await ann.sees("arrived", name="bob")
    number = await bob.send("typing", room=room)
    await bob.sees_no_more()
    if number in bob.replies:
        raise bob.replies[number].wrong("no reply", "type")
    (await bob.say(room, "typed")).must_be("said", seq=3)
    event = await ann.event()
    if event.fields.get("type") == "typing":  # it may be dropped
        event.must_be("typing", room=room, name="bob")
        event = await ann.event()
    event.must_be("message", seq=3)


async def history(talk: Talk) -> None:
    """Pages go backwards from the newest event to the first."""
    ann, room = await talk.member(), talk.room()
    await ann.join(room, "ann")
    for text in "abcd":
        await ann.say(room, text)
    newest = (await ann.ask("history", room=room, limit=2)).must_be("page", room=room)
    _seqs(newest, [4, 5])
    older = (await ann.ask("history", room=room, limit=2, before=4)).must_be("page")
    _seqs(older, [2, 3])
    _seqs((await ann.ask("history", room=room, limit=9, before=2)).must_be("page"), [1])
    (await ann.ask("history", room=room, limit=9, before=1)).must_be("page", events=[])


async def a_long_page(talk: Talk) -> None:
    """A page has no more events than `page_events`."""
    ann, room = await talk.member(), talk.room()
    await ann.join(room, "ann")
    for number in range(PAGE):
        await ann.say(room, str(number))
    page = (await ann.ask("history", room=room, limit=PAGE * 10)).must_be("page")
    _seqs(page, list(range(2, PAGE + 2)))


def _seqs(page: Any, expected: list[int]) -> None:
    events = page.fields.get("events")
    got = [each.get("seq") for each in events] if isinstance(events, list) else None
    if got != expected:
        raise page.wrong(f"events with the seq {expected}", "events")


async def listing(talk: Talk) -> None:
    """A listing has each room's members and newest `seq`, and `more`."""
    ann, bob = await talk.member(), await talk.member()
    one, other = sorted((talk.room(), talk.room()))
    await ann.join(one, "ann")
    await bob.join(other, "bob")
    await ann.say(one, "hello")
    before = one[:-1]  # no other room stands between
    reply = (await ann.ask("rooms", after=before, limit=1)).must_be("listing", more=True)
    if reply.fields.get("rooms") != [{"room": one, "members": 1, "seq": 2}]:
        raise reply.wrong(f"rooms: {one} with 1 member and seq 2", "rooms")
    reply = (await ann.ask("rooms", after=one, limit=1)).must_be("listing")
    if reply.fields.get("rooms") != [{"room": other, "members": 1, "seq": 1}]:
        raise reply.wrong(f"rooms: {other} with 1 member and seq 1", "rooms")


async def a_key(talk: Talk) -> None:
    """Under one key a text is posted once; another key, room or name is another key."""
    ann, bob, room, other = await talk.member(), await talk.member(), talk.room(), talk.room()
    await ann.join(room, "ann")
    await ann.join(other, "ann")
    first = await ann.say(room, "hello", key="k1")
    again = await ann.say(room, "something else", key="k1")
    again.must_be("said", seq=first.fields["seq"], at=first.fields["at"])
    (await ann.say(room, "hello", key="k2")).must_be("said", seq=3)
    (await ann.say(other, "hello", key="k1")).must_be("said", seq=2)
    await bob.join(room, "bob")
    (await bob.say(room, "hello", key="k1")).must_be("said", seq=5)


async def a_key_survives(talk: Talk) -> None:
    """A key survives the connection, for the member of the same name."""
    bob, room = await talk.member(), talk.room()
    await bob.join(room, "bob")
    async with talk.short() as ann:
        await ann.join(room, "ann")
        first = await ann.say(room, "hello", key="k1")
        (await ann.ask("leave", room=room)).must_be("left")
    again = await talk.member()
    await again.join(room, "ann")
    (await again.say(room, "hello", key="k1")).must_be("said", seq=first.fields["seq"])


async def order(talk: Talk) -> None:
    """All members see the same events, `seq` after `seq` without a gap."""
    room = talk.room()
    members = [await talk.member() for _ in range(3)]
    for number, member in enumerate(members):
        await member.join(room, f"guest {number}")
    await asyncio.gather(*(_speak(member, room) for member in members))
    transcripts = []
    for number, member in enumerate(members):
        events = [await member.event() for _ in range(2 - number + 30)]
        for seq, event in enumerate(events, 2 + number):
            event.must_be(str(event.fields.get("type")), seq=seq)
        transcripts.append([event.fields for event in events[2 - number :]])
    for member, transcript in zip(members, transcripts, strict=True):
        if transcript != transcripts[0]:
            reply = await member.ask("rooms", limit=1)
            raise reply.wrong("the same events for every member")


async def _speak(member: Any, room: str) -> None:
    for turn in range(10):
        await member.say(room, str(turn))


async def pipelined(talk: Talk) -> None:
    """Commands that are sent without awaiting replies are carried out in order."""
    ann, room = await talk.member(), talk.room()
    await ann.join(room, "ann")
    numbers = [await ann.send("say", room=room, text=str(n)) for n in range(50)]
    for seq, number in enumerate(numbers, 2):
        (await ann.reply(number)).must_be("said", seq=seq)
    for n in range(50):
        await ann.sees("message", text=str(n), seq=n + 2)


async def resume(talk: Talk) -> None:
    """A join with `after` replays what was missed, and ends with the member's own arrival."""
    ann, bob, room = await talk.member(), await talk.member(), talk.room()
    epoch = (await ann.join(room, "ann")).fields["epoch"]
    said = await ann.say(room, "hello")
    reply = await bob.join(room, "bob", after=1, epoch=epoch)
    reply.must_be("joined", seq=3, truncated=False)
    await bob.sees("message", seq=2, name="ann", text="hello", at=said.fields["at"])
    await bob.sees("arrived", seq=3, name="bob")
    await bob.sees_no_more()


async def resume_of_everything(talk: Talk) -> None:
    """`after: 0` asks for everything; without `after` nothing is replayed."""
    ann, bob, eve, room = *[await talk.member() for _ in range(3)], talk.room()
    await ann.join(room, "ann")
    (await bob.join(room, "bob", after=0)).must_be("joined", truncated=False)
    await bob.sees("arrived", seq=1, name="ann")
    await bob.sees("arrived", seq=2, name="bob")
    await bob.sees_no_more()
    (await eve.join(room, "eve", epoch="another life")).must_be("joined", truncated=False)
    await eve.sees_no_more()


async def resume_beyond(talk: Talk) -> None:
    """An `after` that the room has not reached is `truncated`."""
    ann, room = await talk.member(), talk.room()
    (await ann.join(room, "ann", after=99)).must_be("joined", truncated=True)


async def resume_of_another_life(talk: Talk) -> None:
    """A different `epoch` gets all of this life, and `truncated`."""
    ann, bob, room = await talk.member(), await talk.member(), talk.room()
    await ann.join(room, "ann")
    reply = await bob.join(room, "bob", after=1, epoch="another life")
    reply.must_be("joined", truncated=True)
    await bob.sees("arrived", seq=1, name="ann")
    await bob.sees("arrived", seq=2, name="bob")


async def several_names(talk: Talk) -> None:
    """A connection may be in several rooms, under several names."""
    ann, bob, one, other = await talk.member(), await talk.member(), talk.room(), talk.room()
    await ann.join(one, "ann")
    await ann.join(other, "anna")
    await bob.join(other, "bob")
    await bob.say(other, "up here")
    await ann.sees("arrived", room=other, name="bob", seq=2)
    await ann.sees("message", room=other, name="bob", seq=3)
    await ann.sees_no_more()


async def unknown_fields(talk: Talk) -> None:
    """A field that is not in the table is ignored."""
    ann, room = await talk.member(), talk.room()
    reply = await ann.ask("join", room=room, name="ann", admin=True)
    reply.must_be("joined", members=["ann"])


TEXTS = {
    "no text": "",
    "markup": "<script>alert(1)</script><!-- & -->",
    "quotes and line ends": "\"'\\ a\r\nb\u2028c\x85",
    "control characters": "".join(map(chr, range(32))) + "\x7f",
    "a separator of packets": 'a\x1eb\x1e42["say",{}]',
    "JSON": '{"type":"say","id":1}',
    "emoji": "👩‍👩‍👧‍👦 𒀀 \U0010ffff",
    "combining characters": "e\u0301 vs \u00e9",
    "65,536 bytes": "x" * 65_536,
    "65,536 bytes in escapes": "\x01" * 65_536,
}


def comes_back(text: str) -> Script:
    """A text arrives unchanged, and is in the history."""

    async def script(talk: Talk) -> None:
        ann, bob, room = await talk.member(), await talk.member(), talk.room()
        await bob.join(room, "bob")
        await ann.join(room, "ann")
        await bob.sees("arrived", name="ann")
        await ann.say(room, text)
        await bob.sees("message", text=text)
        page = (await bob.ask("history", room=room, limit=1)).must_be("page")
        if page.fields["events"][0].get("text") != text:
            raise page.wrong("the same text", "text")

    return script


NAMES = ("<b>", "a/b", "..", "__proto__", "0", "null", "日本", "👋", "❤️", "🇰🇷", "n" * 32)


async def names(talk: Talk) -> None:
    """A name may be any printable text."""
    ann = await talk.member()
    for name in NAMES:
        room = talk.room()
        (await ann.join(room, name)).must_be("joined", members=[name])
        (await ann.ask("leave", room=room)).must_be("left")


COMMANDS = "Commands and replies"
_SCRIPTS: dict[tuple[str, str], tuple[str, Script]] = {
    ("commands", "a join"): (COMMANDS, a_join),
    ("commands", "a leave"): (COMMANDS, a_leave),
    ("commands", "a say"): (COMMANDS, a_say),
    ("commands", "one reply each"): (COMMANDS, one_reply_each),
    ("commands", "typing"): (COMMANDS, typing),
    ("commands", "history"): (COMMANDS, history),
    ("commands", "a long page"): ("Limits", a_long_page),
    ("commands", "the list of rooms"): (COMMANDS, listing),
    ("commands", "an unknown field"): (COMMANDS, unknown_fields),
    ("commands", "several rooms and names"): (COMMANDS, several_names),
    ("order", "concurrent senders"): ("Order", order),
    ("order", "commands without waiting"): ("Order", pipelined),
    ("once", "a key"): ("Once", a_key),
    ("once", "a key on another connection"): ("Once", a_key_survives),
    ("resume", "what was missed"): ("Resume", resume),
    ("resume", "everything, and nothing"): ("Resume", resume_of_everything),
    ("resume", "beyond the newest event"): ("Resume", resume_beyond),
    ("resume", "another life"): ("Resume", resume_of_another_life),
    ("texts", "names"): ("Limits", names),
}

CASES = (
    *(
        case
        for (group, name), (section, script) in _SCRIPTS.items()
        for case in on_each(group, name, section, script)
    ),
    *(
        case
        for name, text in TEXTS.items()
        for case in on_each("texts", name, "Limits", comes_back(text))
    ),
)
