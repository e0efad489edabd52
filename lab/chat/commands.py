"""The commands that clients send, and how to read them from untrusted input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, get_args

import msgspec

from lab.chat import json_text
from lab.chat.events import Code, Refused

Id = Annotated[int, msgspec.Meta(ge=0, le=json_text.MOST_WHOLE)]
"""A command's number, chosen by the client."""
Seq = Annotated[int, msgspec.Meta(ge=0, le=json_text.MOST_WHOLE)]
"""A position in a room's order. 0 is before the first event."""
Positive = Annotated[int, msgspec.Meta(ge=1, le=json_text.MOST_WHOLE)]
"""The `seq` of an event, or a number of events."""


class _Command(msgspec.Struct, frozen=True, tag_field="type", tag=str.lower, omit_defaults=True):
    id: Id


class Join(_Command, frozen=True):
    """Enter `room` under `name`. With `after`, replay the room's events with a greater `seq`.

    `epoch`: the life of the room that `after` belongs to, as an earlier `joined` named it.
    """

    room: str
    name: str
    after: Seq | None = None
    epoch: str | None = None


class Leave(_Command, frozen=True):
    """Leave `room`."""

    room: str


class Say(_Command, frozen=True):
    """Post `text` to `room`. The same `key` again posts nothing and gets the same `said`."""

    room: str
    text: str
    key: Annotated[str, msgspec.Meta(min_length=1, max_length=64)] | None = None


class Typing(_Command, frozen=True):
    """Show the others in `room` that this member is typing. Volatile: there is no reply."""

    room: str


class History(_Command, frozen=True):
    """Read at most `limit` events of `room` with `seq` < `before`; by default the newest."""

    room: str
    limit: Positive
    before: Positive | None = None


class Rooms(_Command, frozen=True, tag="rooms"):
    """List at most `limit` rooms with names greater than `after`; by default the first."""

    after: str | None = None
    limit: Positive | None = None


Command = Join | Leave | Say | Typing | History | Rooms
NAMES: Mapping[str, type[Command]] = {
    str(kind.__struct_config__.tag): kind for kind in get_args(Command)
}
"""A command's name on the wire -> its class."""

_decoder: msgspec.json.Decoder[Command] = msgspec.json.Decoder(Command)


class BadCommandError(ValueError):
    """The input is not a command. `refusal` is the reply to it."""

    def __init__(self, code: Code, reason: str, command_id: int | None) -> None:
        super().__init__(reason)
        self.refusal = Refused(id=command_id, code=code, reason=reason)


def decode(data: bytes | str) -> Command:
    """Read one command from one JSON text.

    Raises:
        BadCommandError: the text is not JSON, or not a command.
    """
    try:
        return _decoder.decode(data)
    except json_text.UNREADABLE:
        return _decode_any(data)


def convert(name: object, payload: object, command_id: int | None) -> Command:
    """Read one command whose name, payload and id the transport carries separately.

    Raises:
        BadCommandError: there is no such command, or the payload does not fit it.
    """
    if not isinstance(name, str) or name not in NAMES:
        raise _unknown(name, command_id)
    if not isinstance(payload, Mapping):
        raise BadCommandError("bad_command", f"{name}: expected an object", command_id)
    try:
        # Convert to one class, not to the union: for a union msgspec analyses it again in each call
        # (10 us).
        command: Command = msgspec.convert({**payload, "type": name, "id": command_id}, NAMES[name])
    except (msgspec.ValidationError, UnicodeError) as error:
        raise BadCommandError("bad_command", f"{name}: {error}", command_id) from None
    if json_text.has_lone_surrogates(payload):
        raise BadCommandError("bad_command", f"{name}: no lone surrogates", command_id)
    return command


def encode(command: Command) -> bytes:
    """Encode one command as one JSON text, as the native transports send it."""
    return msgspec.json.encode(command)


def to_payload(command: Command) -> dict[str, Any]:
    """A command without `type` and `id`, for transports that carry those separately."""
    payload: dict[str, Any] = msgspec.to_builtins(command)
    del payload["type"], payload["id"]
    return payload


def name_of(command: Command) -> str:
    """The command's name on the wire: `say`, `join`, ..."""
    return str(command.__struct_config__.tag)


def _decode_any(data: bytes | str) -> Command:
    """Read any JSON text, slowly: it finds the id and the reason why a text is not a command."""
    try:
        raw = json_text.read(data)
    except ValueError:
        raise BadCommandError("bad_command", "not JSON", json_text.leading_id(data)) from None
    if not isinstance(raw, dict):
        raise BadCommandError("bad_command", "expected an object", None)
    command_id = _readable_id(raw.get("id"))
    name = raw.get("type")
    if not isinstance(name, str):
        raise BadCommandError("bad_command", "type: expected a text", command_id)
    if command_id is None and name in NAMES:
        raise BadCommandError("bad_command", f"id: expected 0 to {json_text.MOST_WHOLE}", None)
    return convert(name, raw, command_id)


def _readable_id(value: object) -> int | None:
    try:
        command_id: int = msgspec.convert(value, Id)
    except msgspec.ValidationError:
        return None
    return command_id


def _unknown(name: object, command_id: int | None) -> BadCommandError:
    known = ", ".join(NAMES)
    return BadCommandError(
        "unknown_command", f"no command {str(name)[:32]!r}; there are {known}", command_id
    )
