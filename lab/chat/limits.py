"""The room's limits: every bound in one frozen record."""

from __future__ import annotations

import msgspec


class Limits(msgspec.Struct, frozen=True):
    """Every bound of the room in one place; each has a refusal code of its own (`events.Code`)."""

    name_chars: int = 32
    """Longest member name, in code points (`bad_name`)."""
    room_chars: int = 64
    """Longest room name, in code points (`bad_name`)."""
    text_bytes: int = 64 * 1024
    """Longest text of one `say`, in bytes of UTF-8 (`text_too_long`)."""
    rooms_per_connection: int = 16
    """Rooms that one connection may be in (`too_many_rooms`)."""
    members_per_room: int = 10_000
    """Members of one room (`room_full`)."""
    rooms: int = 4096
    """Rooms with somebody in them (`server_full`); an empty room makes way for a new one."""
    commands_per_s: int | None = 1000
    """Sustained commands per second of one connection (`too_fast`); None: not limited."""
    command_burst: int = 2000
    """Commands that one connection may send at once after a pause (`too_fast`)."""
    page_events: int = 100
    """Most events in one `page`; a larger `limit` is answered with this many."""
    log_events: int = 1000
    """Events that a room's log keeps for `history` and resume."""
    log_bytes: int = 512 * 1024
    """The same bound in bytes of JSON, so that a replay always fits into `queue_bytes`."""
    queue_bytes: int = 2 * 1024 * 1024
    """Unsent bytes of one connection; past it the connection is closed as `slow_consumer`."""
    frame_bytes: int = 512 * 1024
    """Largest message or HTTP body that a wire takes: `text_bytes` with every character escaped,
    and room to spare. Past it the wire answers in its own protocol (RFC 6455 1009, HTTP 4xx)."""


UNPACED = Limits(commands_per_s=None)
"""The limits for measuring: the pace is the load's to choose."""
