"""The pace of the room: a bucket of tokens for each connection (docs/room.md, Limits)."""

from __future__ import annotations

import asyncio
from typing import Any

from lab.chat.limits import Limits
from lab.judge.room.member import Member
from lab.judge.room.talk import Talk, on_each
from lab.judge.verdict import Finding, not_asked

BURST = Limits().command_burst
PER_S = Limits().commands_per_s or 0
PAGE = Limits().page_events
AT_ONCE = 16
"""Commands that are sent before their replies are awaited."""
LONGEST_S = 10.0
TOO_SLOW = "the server answers more slowly than the pace allows"


async def commands(talk: Talk) -> Finding | None:
    """Whatever arrives takes one token."""
    return await _flooded(talk, await talk.member(), 0, 1, "rooms", limit=1)


async def answers(talk: Talk) -> Finding | None:
    """An answer takes one more token for each ten entries."""
    ann, room = await talk.member(), talk.room()
    await ann.join(room, "ann")
    for number in range(PAGE):
        await ann.say(room, str(number))
    cost = 1 + PAGE // 10
    return await _flooded(talk, ann, 1 + PAGE, cost, "history", room=room, limit=PAGE)


async def _flooded(
    talk: Talk, ann: Member, before: int, cost: int, kind: str, **fields: Any
) -> Finding | None:
    """Send a command until it is refused: not before the bucket is empty, and soon after.

    `before`: the tokens that the connection may have spent already. `cost`: what each takes.
    """
    loop = asyncio.get_running_loop()
    begin, spent = loop.time(), 0
    while True:
        replies = await ann.ask_many(AT_ONCE, kind, **fields)
        passed_s = loop.time() - begin
        refused = [each for each in replies if each.fields.get("type") == "refused"]
        spent += cost * (len(replies) - len(refused))
        if refused:
            break
        if passed_s > LONGEST_S:
            return not_asked(TOO_SLOW)
        if spent > BURST + PER_S * passed_s + cost * AT_ONCE:
            raise replies[-1].wrong('"code": "too_fast", for the bucket is empty', "type")
    refused[0].must_be("refused", code="too_fast")
    if before + spent < BURST:
        raise refused[0].wrong("no refusal, for the bucket holds tokens", "code")
    await _refilled(talk, ann)
    return None


async def _refilled(talk: Talk, ann: Member) -> None:
    """A command that is refused takes no token, so that one is carried out soon."""
    loop = asyncio.get_running_loop()
    end = loop.time() + talk.player.site.patience_s
    while True:
        reply = await ann.ask("rooms", limit=1)
        if reply.fields.get("code") != "too_fast" or loop.time() > end:
            reply.must_be("listing")
            return
        await asyncio.sleep(0.01)


CASES = (
    *on_each("pace", "commands beyond it", "Limits", commands),
    *on_each("pace", "answers of many entries", "Limits", answers),
)
