"""Chat out: replies to a command, and the events that the members of a room see."""

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
"""Why a member departed: by `leave`, by closing its connection, dead, or too slow to read."""


class _Event(msgspec.Struct, frozen=True, tag_field="type", tag=str.lower):
    pass


class Arrived(_Event, frozen=True):
    """`name` came into `room`."""

    room: str
    name: str
    seq: int


class Departed(_Event, frozen=True):
    """`name` went out of `room`."""

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
    """`name` is typing. Not in the room's order, not in its log; may be dropped."""

    room: str
    name: str


class Joined(_Event, frozen=True):
    """Reply to `join`.

    `seq` is that of one's own arrival; `truncated`: some events asked for by `after` are no longer
    in the log.
    """

    id: int
    room: str
    name: str
    members: list[str]
    seq: int
    truncated: bool


class Left(_Event, frozen=True):
    """Reply to `leave`."""

    id: int
    room: str


class Said(_Event, frozen=True):
    """Reply to `say`: where the text stands in the room's order."""

    id: int
    room: str
    seq: int
    at: int


LoggedEvent = Arrived | Departed | Message
"""What has a `seq`: one total order per room, without gaps."""


class Page(_Event, frozen=True):
    """Reply to `history`: events in rising `seq`."""

    id: int
    room: str
    events: list[LoggedEvent]


class RoomSummary(msgspec.Struct, frozen=True):
    """One room in a `listing`: how many are in it, and its newest `seq`."""

    room: str
    members: int
    seq: int


class Listing(_Event, frozen=True):
    """Reply to `rooms`."""

    id: int
    rooms: list[RoomSummary]


class Refused(_Event, frozen=True):
    """Reply to a command that changed nothing; `id` is null where none could be read."""

    id: int | None
    code: Code
    reason: str


Reply = Joined | Left | Said | Page | Listing | Refused
RoomEvent = LoggedEvent | IsTyping
Event = Reply | RoomEvent

REPLIES = (Joined, Left, Said, Page, Listing, Refused)

# By name: for a union, msgspec works out anew in each call what is in it (4 to 10 us).
_ROOM_EVENTS: dict[object, Any] = {
    kind.__struct_config__.tag: kind for kind in (Arrived, Departed, Message, IsTyping)
}
_REPLIES: dict[object, Any] = {kind.__struct_config__.tag: kind for kind in REPLIES}

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


def encode(event: Event) -> bytes:
    """One event as one JSON text."""
    return _encoder.encode(event)


def decode(data: bytes | str) -> Event:
    """Read one event from one JSON text.

    Raises:
        msgspec.DecodeError: not JSON, or not an event.
    """
    try:
        return _decoder.decode(data)
    except (UnicodeError, RecursionError) as error:
        raise msgspec.DecodeError(str(error)) from None


def name_of(event: Event) -> str:
    """The event's name on the wire: `message`, `said`, ..."""
    return str(event.__struct_config__.tag)


def to_payload(event: RoomEvent) -> dict[str, Any]:
    """A room event without its `type`, for wires that carry an event's name apart."""
    payload: dict[str, Any] = msgspec.to_builtins(event)
    del payload["type"]
    return payload


def from_payload(name: str, payload: object) -> RoomEvent:
    """The reverse of `to_payload`.

    Raises:
        msgspec.ValidationError: no such event, or not its payload.
    """
    fields = payload if isinstance(payload, dict) else {}
    kind = _ROOM_EVENTS.get(name, RoomEvent)
    event: RoomEvent = msgspec.convert({**fields, "type": name}, kind)
    return event


def reply_to_payload(reply: Reply) -> dict[str, Any]:
    """A reply without its `id`, for wires that pair replies with commands by themselves."""
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
