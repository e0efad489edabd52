"""The entries of a journal: what changes the rooms, with the time and the member that it needs."""

from __future__ import annotations

__pure__ = True

import msgspec

from lab.chat import commands
from lab.chat.admission import RefusedError, check_names, check_text
from lab.chat.commands import Command, Join, Leave, Say
from lab.chat.events import Why
from lab.chat.limits import Limits


class Done(msgspec.Struct, frozen=True, array_like=True, tag="d"):
    """`member` sent a command at `at_ms` of the server's clock."""

    member: int
    at_ms: int
    command: Join | Leave | Say


class Gone(msgspec.Struct, frozen=True, array_like=True, tag="g"):
    """The connection of `member` has ended."""

    member: int
    why: Why


Entry = Done | Gone

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Entry] = msgspec.msgpack.Decoder(Entry)


def encode(entry: Entry) -> bytes:
    """Encode one entry as MessagePack."""
    return _encoder.encode(entry)


def decode(data: bytes) -> Entry:
    """Read one entry.

    Raises:
        msgspec.DecodeError: it is no entry.
    """
    return _decoder.decode(data)


def changing(limits: Limits, command: Command) -> Join | Leave | Say | None:
    """The command if it may change a room. None: it only reads, or is refused in any state."""
    try:
        match command:
            case commands.Join():
                check_names(limits, command)
            case commands.Say():
                check_text(limits, command.text)
                command.room.encode()
            case commands.Leave():
                command.room.encode()
            case _:
                return None
    except (RefusedError, UnicodeEncodeError):  # no room has a name that UTF-8 can't carry
        return None
    return command
