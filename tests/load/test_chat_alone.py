"""Chat logic without a transport: every member gets everything, and the result is CPU time."""

from __future__ import annotations

import pytest

from lab.chat.limits import UNPACED, Limits
from lab.chat.rooms import Rooms
from lab.load.chat_alone import ChatAlone
from lab.load.texts import incompressible
from lab.service import ChatService


def alone(size: int, limits: Limits = UNPACED) -> ChatAlone:
    return ChatAlone(ChatService(Rooms(limits)), size)


def test_every_member_is_counted_for_every_text() -> None:
    room = alone(100)
    before = room.deliveries
    for seed in range(2):
        assert room.cpu_ns(incompressible(64, 50, seed)) > 0
    assert room.deliveries - before == 2 * 50 * 100


def test_a_refusal_is_no_figure() -> None:
    room = alone(3, Limits(text_bytes=10))
    with pytest.raises(ValueError, match=r"refused: .*text_too_long"):
        room.cpu_ns(["much longer than ten bytes"])


def test_a_refused_member_is_reported() -> None:
    with pytest.raises(ValueError, match=r"not let in: .*room_full"):
        alone(3, Limits(members_per_room=2))
