"""The default limits fit into each other: what one lets in, no other cuts off."""

from __future__ import annotations

import msgspec

from lab.chat import commands, events
from lab.chat.limits import UNPACED, Limits

LIMITS = Limits()
MOST = 2**53 - 1


def test_the_longest_text_fits_a_frame_however_it_is_escaped() -> None:
    control = commands.encode(
        commands.Say(MOST, "r" * LIMITS.room_chars, "\x00" * LIMITS.text_bytes, "k" * 64)
    )
    assert LIMITS.text_bytes * 6 < len(control) <= LIMITS.frame_bytes


def test_a_whole_log_replayed_fits_the_queue() -> None:
    assert LIMITS.log_bytes + LIMITS.frame_bytes <= LIMITS.queue_bytes


def test_the_largest_replies_fit_the_queue() -> None:
    widest = "\U0001f600"
    summary = events.RoomSummary(widest * LIMITS.room_chars, LIMITS.members_per_room, MOST)
    listing = events.Listing(MOST, [summary] * LIMITS.page_rooms, more=True)
    everybody = [widest * LIMITS.name_chars] * LIMITS.members_per_room
    joined = events.Joined(MOST, widest * 64, widest * 32, everybody, MOST, True, "e" * 99)
    assert len(events.encode(listing)) <= LIMITS.queue_bytes
    assert len(events.encode(joined)) <= LIMITS.queue_bytes


def test_unpaced_differs_in_the_pace_alone() -> None:
    assert msgspec.structs.replace(UNPACED, commands_per_s=LIMITS.commands_per_s) == LIMITS
    assert UNPACED.commands_per_s is None


def test_limits_are_frozen() -> None:
    assert Limits.__struct_config__.frozen
