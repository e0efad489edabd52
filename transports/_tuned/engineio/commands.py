"""Decode a command directly from its Socket.IO packet, in one step.

This is the fast way, for valid commands only. Everything else goes through `packets.parse` and
`lab.chat.commands.convert`, which say why it is not a command.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from lab.chat import commands
from lab.chat.commands import Command

_EVENT = re.compile(rb'2(\d{1,15})?\["([a-z]+)",(\{.*\})\]', re.DOTALL)
"""An event of the main namespace with a plain name and one object, as every client writes it."""


def _payload(kind: type[Command]) -> msgspec.json.Decoder[Any]:
    """Make a decoder for a command's fields. Its id and type stand elsewhere in the packet."""
    fields: list[Any] = [
        (field.name, field.type, *([] if field.required else [field.default]))
        for field in msgspec.structs.fields(kind)
        if field.name != "id"
    ]
    return msgspec.json.Decoder(msgspec.defstruct(f"{kind.__name__}Payload", fields))


_READERS = {name.encode(): (kind, _payload(kind)) for name, kind in commands.NAMES.items()}


def read(message: bytes) -> tuple[int | None, Command] | None:
    """Return the packet's id, if it has one, and its command.

    None means that `packets.parse` and `convert` must decide what it is.
    """
    found = _EVENT.fullmatch(message)
    if found is None:
        return None
    packet_id, name, payload = found.groups()
    reader = _READERS.get(name)
    if reader is None:
        return None
    kind, decoder = reader
    try:
        fields = msgspec.structs.astuple(decoder.decode(payload))
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    command: Command = kind(0, *fields)
    return None if packet_id is None else int(packet_id), command
