"""The effects that `Rooms` returns. The service carries them out in their order."""

from __future__ import annotations

from typing import NewType

import msgspec

from lab.chat import events

Member = NewType("Member", int)
"""One live connection, as the room knows it: a number that is never used again."""


class Reply(msgspec.Struct, frozen=True):
    """Send the reply to the member that sent the command."""

    event: events.Reply


class Deliver(msgspec.Struct, frozen=True):
    """Send these events to that member only: the events that it missed, after the reply."""

    events: tuple[events.LoggedEvent, ...]


class Broadcast(msgspec.Struct, frozen=True):
    """Send this event to every member that is now in `room`, except `skip`."""

    room: str
    event: events.RoomEvent
    skip: Member | None = None


class Enter(msgspec.Struct, frozen=True):
    """Let the member receive the broadcasts of `room` from now on."""

    room: str


class Exit(msgspec.Struct, frozen=True):
    """Stop sending the broadcasts of `room` to the member."""

    room: str


Effect = Reply | Deliver | Broadcast | Enter | Exit
