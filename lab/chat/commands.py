"""Chat in: the commands of the room, and how they are read from untrusted input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, get_args

import msgspec

from lab.chat.events import Code, Refused

_MOST = 2**53 - 1
"""The largest whole number that JavaScript can hold."""

Id = Annotated[int, msgspec.Meta(ge=0, le=_MOST)]
"""A command's number, chosen by the client."""
Seq = Annotated[int, msgspec.Meta(ge=0, le=_MOST)]
"""A place in a room's order; 0 is before its first event."""
Positive = Annotated[int, msgspec.Meta(ge=1, le=_MOST)]
"""A `seq` that an event can have, or a number of events."""


class _Command(msgspec.Struct, frozen=True, tag_field="type", tag=str.lower, omit_defaults=True):
    id: Id


class Join(_Command, frozen=True):
    """Enter `room` under `name`; with `after`, replay the room's events with a greater `seq`."""

    room: str
    name: str
    after: Seq | None = None


class Leave(_Command, frozen=True):
    """Go out of `room`."""

    room: str


class Say(_Command, frozen=True):
    """Post `text` to `room`; the same `key` again posts nothing and gets the same `said`."""

    room: str
    text: str
    key: Annotated[str, msgspec.Meta(min_length=1, max_length=64)] | None = None


class Typing(_Command, frozen=True):
    """Show the others in `room` that something is being typed. Volatile: never answered."""

    room: str


class History(_Command, frozen=True):
    """Ask for at most `limit` events of `room` with `seq` < `before`, the newest by default."""

    room: str
    limit: Positive
    before: Positive | None = None


class Rooms(_Command, frozen=True, tag="rooms"):
    """Ask which rooms there are."""


Command = Join | Leave | Say | Typing | History | Rooms
NAMES: Mapping[str, type[Command]] = {
    str(kind.__struct_config__.tag): kind for kind in get_args(Command)
}
"""A command's name on the wire -> its class."""

_decoder: msgspec.json.Decoder[Command] = msgspec.json.Decoder(Command)
_UNREADABLE = (msgspec.DecodeError, UnicodeError, RecursionError)
"""What msgspec raises for bad input: the last for arrays or objects nested thousands deep."""


class BadCommandError(ValueError):
    """The input is no command. `refusal` is the answer that it gets."""

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
    except _UNREADABLE:
        raise _diagnose_text(data) from None


def convert(name: object, payload: object, command_id: int) -> Command:
    """Read one command from a wire that carries its name, its payload and its id apart.

    Raises:
        BadCommandError: there is no such command, or the payload is not one of its kind.
    """
    if not isinstance(name, str) or name not in NAMES:
        raise _unknown(name, command_id)
    if not isinstance(payload, Mapping):
        raise BadCommandError("bad_command", f"{name}: expected an object", command_id)
    try:
        # By its own class: for a union, msgspec works out anew in each call what is in it (10 us).
        command: Command = msgspec.convert({**payload, "type": name, "id": command_id}, NAMES[name])
        _check_unicode(payload)
    except (msgspec.ValidationError, UnicodeError) as error:
        raise BadCommandError("bad_command", f"{name}: {error}", command_id) from None
    return command


def encode(command: Command) -> bytes:
    """One command as one JSON text, as the native wires send it."""
    return msgspec.json.encode(command)


def to_payload(command: Command) -> dict[str, Any]:
    """A command without its `type` and `id`, for wires that carry those apart."""
    payload: dict[str, Any] = msgspec.to_builtins(command)
    del payload["type"], payload["id"]
    return payload


def name_of(command: Command) -> str:
    """The command's name on the wire: `say`, `join`, ..."""
    return str(command.__struct_config__.tag)


def _diagnose_text(data: bytes | str) -> BadCommandError:
    """Say why a text is no command, and to which id the refusal belongs, if that can be read."""
    try:
        raw = msgspec.json.decode(data)
    except _UNREADABLE:
        return BadCommandError("bad_command", "not JSON", None)
    if not isinstance(raw, dict):
        return BadCommandError("bad_command", "expected an object", None)
    command_id = _readable_id(raw.get("id"))
    name = raw.get("type")
    if isinstance(name, str) and name not in NAMES:
        return _unknown(name, command_id)
    try:
        msgspec.convert(raw, Command)
    except msgspec.ValidationError as error:
        return BadCommandError("bad_command", str(error), command_id)
    return BadCommandError("bad_command", "not a command", command_id)


def _readable_id(value: object) -> int | None:
    try:
        command_id: int = msgspec.convert(value, Id)
    except msgspec.ValidationError:
        return None
    return command_id


def _check_unicode(payload: Mapping[Any, object]) -> None:
    """Refuse lone surrogates, which some JSON parsers let through and no UTF-8 can carry on."""
    for value in payload.values():
        if isinstance(value, str) and not value.isascii():
            value.encode()


def _unknown(name: object, command_id: int | None) -> BadCommandError:
    known = ", ".join(NAMES)
    return BadCommandError(
        "unknown_command", f"no command {str(name)[:32]!r}; there are {known}", command_id
    )
