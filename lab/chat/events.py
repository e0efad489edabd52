"""What the server sends: replies to commands, and the events that members of a room see."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Code = Literal[
    "bad_command",
    "unknown_command",
    "bad_name",
    "name_taken",
    "not_in_room",
    "already_in_room",
    "text_too_long",
    "too_many_rooms",
    "room_full",
    "too_fast",
    "server_full",
]
"""Why a command was refused."""

Why = Literal["left", "closed", "lost", "slow_consumer"]
"""Why a member departed: it left, closed its connection, was lost, or read too slowly."""


class _Event(msgspec.Struct, frozen=True, tag_field="type", tag=str.lower):
    pass


class Arrived(_Event, frozen=True):
    """`name` has entered `room`."""

    room: str
    name: str
    seq: int


class Departed(_Event, frozen=True):
    """`name` has left `room`."""

    room: str
    name: str
    seq: int
    why: Why


class Message(_Event, frozen=True):
    """`name` said `text`; `at` is the server's clock in milliseconds since the epoch."""

    room: str
    seq: int
    name: str
    text: str
    at: int


class IsTyping(_Event, frozen=True, tag="typing"):
    """`name` is typing. The event has no `seq`, is not in the log, and may be dropped."""

    room: str
    name: str


class Joined(_Event, frozen=True):
    """Reply to `join`.

    `seq` is that of the member's own arrival. `truncated`: the log no longer has all events after
    `after`. `epoch` names the life of the room that `seq` belongs to. None: a server of room
    version 1, which has no epochs.
    """

    id: int
    room: str
    name: str
    members: list[str]
    seq: int
    truncated: bool
    epoch: str | None = None


class Left(_Event, frozen=True):
    """Reply to `leave`."""

    id: int
    room: str


class Said(_Event, frozen=True):
    """Reply to `say`: the position of the text in the room's order."""

    id: int
    room: str
    seq: int
    at: int


LoggedEvent = Arrived | Departed | Message
"""The events with a `seq`: one total order per room, without gaps."""


class Page(_Event, frozen=True):
    """Reply to `history`: events in order of `seq`."""

    id: int
    room: str
    events: list[LoggedEvent]


class RoomSummary(msgspec.Struct, frozen=True):
    """One room in a `listing`: how many members it has, and its newest `seq`."""

    room: str
    members: int
    seq: int


class Listing(_Event, frozen=True):
    """Reply to `rooms`. `more`: there are rooms with greater names than the last of these."""

    id: int
    rooms: list[RoomSummary]
    more: bool = False


class Refused(_Event, frozen=True):
    """Reply to a command that changed nothing. `id` is null if the server could not read it."""

    id: int | None
    code: Code
    reason: str


Reply = Joined | Left | Said | Page | Listing | Refused
RoomEvent = LoggedEvent | IsTyping
Event = Reply | RoomEvent

REPLIES = (Joined, Left, Said, Page, Listing, Refused)

# Class by name, not the union: for a union msgspec analyses it again in each call (4 to 10 us).
_ROOM_EVENTS: dict[object, Any] = {
    kind.__struct_config__.tag: kind for kind in (Arrived, Departed, Message, IsTyping)
}
_REPLIES: dict[object, Any] = {kind.__struct_config__.tag: kind for kind in REPLIES}

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


def encode(event: Event) -> bytes:
    """Encode one event as one JSON text."""
    return _encoder.encode(event)


def decode(data: bytes | str) -> Event:
    """Read one event from one JSON text.

    Raises:
        msgspec.DecodeError: the text is not JSON, or not an event.
    """
    try:
        return _decoder.decode(data)
    except (UnicodeError, RecursionError) as error:
        raise msgspec.DecodeError(str(error)) from None


def name_of(event: Event) -> str:
    """The event's name on the wire: `message`, `said`, ..."""
    return str(event.__struct_config__.tag)


def to_payload(event: RoomEvent) -> dict[str, Any]:
    """A room event without `type`, for transports that carry the name separately."""
    payload: dict[str, Any] = msgspec.to_builtins(event)
    del payload["type"]
    return payload


def from_payload(name: str, payload: object) -> RoomEvent:
    """The reverse of `to_payload`.

    Raises:
        msgspec.ValidationError: there is no such event, or the payload does not fit it.
    """
    fields = payload if isinstance(payload, dict) else {}
    kind = _ROOM_EVENTS.get(name, RoomEvent)
    event: RoomEvent = msgspec.convert({**fields, "type": name}, kind)
    return event


def reply_to_payload(reply: Reply) -> dict[str, Any]:
    """A reply without `id`, for transports that pair replies with commands themselves."""
    payload: dict[str, Any] = msgspec.to_builtins(reply)
    del payload["id"]
    return payload


def reply_from_payload(payload: object, command_id: int) -> Reply:
    """The reverse of `reply_to_payload`.

    Raises:
        msgspec.ValidationError: not a reply.
    """
    fields = payload if isinstance(payload, dict) else {}
    kind = _REPLIES.get(str(fields.get("type")), Reply)
    reply: Reply = msgspec.convert({**fields, "id": command_id}, kind)
    return reply
