"""All limits of the room, in one frozen record."""

from __future__ import annotations

import msgspec


class Limits(msgspec.Struct, frozen=True):
    """All bounds of the room. Each has its own refusal code (`events.Code`)."""

    name_chars: int = 32
    """Longest member name, in code points (`bad_name`)."""
    room_chars: int = 64
    """Longest room name, in code points (`bad_name`)."""
    text_bytes: int = 64 * 1024
    """Longest text of one `say`, in bytes of UTF-8 (`text_too_long`)."""
    rooms_per_connection: int = 16
    """How many rooms one connection may be in (`too_many_rooms`)."""
    members_per_room: int = 10_000
    """Members of one room (`room_full`)."""
    rooms: int = 4096
    """Rooms with members (`server_full`). The room that has been empty longest makes way for a new
    one."""
    commands_per_s: int | None = 1000
    """Tokens that one connection gets per second. A command takes one or more (`too_fast`).
    None: the pace is not limited."""
    command_burst: int = 2000
    """The most tokens that one connection can have, after a pause (`too_fast`)."""
    page_events: int = 100
    """The most events in one `page`. A larger `limit` gets this many."""
    page_rooms: int = 100
    """The most rooms in one `listing`. A larger `limit` gets this many."""
    log_events: int = 1000
    """Events that a room's log keeps for `history` and resume."""
    log_bytes: int = 768 * 1024
    """The same bound in bytes of memory: each event counts its JSON, its key and 256 bytes. A
    replay is smaller, so it always fits into `queue_bytes`."""
    queue_bytes: int = 2 * 1024 * 1024
    """The most unsent bytes of one connection. Beyond it the connection is closed as
    `slow_consumer`."""
    frame_bytes: int = 512 * 1024
    """The largest message or HTTP body that a transport takes: `text_bytes` with every character
    escaped, and some more. For a larger one the transport answers in its own protocol (RFC 6455
    1009, HTTP 4xx). A compressed message counts as large as its text."""


UNPACED = Limits(commands_per_s=None)
"""The limits for measurements: the load sets the pace."""
