"""What `Rooms` asks its shell to do, in this order, and nothing else."""

from __future__ import annotations

from typing import NewType

import msgspec

from lab.chat import events

Member = NewType("Member", int)
"""One live connection, as the room knows it: a number that is never used twice."""


class Reply(msgspec.Struct, frozen=True):
    """Answer the member whose command this was."""

    event: events.Reply


class Deliver(msgspec.Struct, frozen=True):
    """Give that member alone these events: the replay of what it missed, after its reply."""

    events: tuple[events.LoggedEvent, ...]


class Broadcast(msgspec.Struct, frozen=True):
    """Give every member now in `room` this event, but `skip`."""

    room: str
    event: events.RoomEvent
    skip: Member | None = None


class Enter(msgspec.Struct, frozen=True):
    """From now on the member receives the broadcasts of `room`."""

    room: str


class Exit(msgspec.Struct, frozen=True):
    """From now on the member no longer receives them."""

    room: str


Effect = Reply | Deliver | Broadcast | Enter | Exit
